import { fileURLToPath } from 'node:url';

/** The program that every role runs as. */
export const MISTNET_PROGRAM = fileURLToPath(new URL('../main.ts', import.meta.url));
/** The emulator's program; it is only ever spawned, for it shares no code with mistnet. */
export const EMULATOR_PROGRAM = fileURLToPath(new URL('../../../emulator/src/main.ts', import.meta.url));
/** The workspace of the web page. */
export const WEB_FOLDER = fileURLToPath(new URL('../../../web', import.meta.url));
