/** The end of a log file for people: bounded, with what looks like a secret or an address of a person taken out. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';

const MAX_BYTES = 128 * 1024;
const MAX_LINES = 300;
const MAX_LINE = 1_000;

/** Undefined when there is no such log. `isCut`: there is more before. The role is one of the supervisor's, so it names no other file. */
export async function readLogTail(
  folder: string,
  role: string,
): Promise<{ lines: string[]; isCut: boolean } | undefined> {
  if (!/^[a-z]{1,20}$/.test(role)) return undefined;
  try {
    await using file = await open(join(folder, `${role}.log`), 'r');
    const { size } = await file.stat();
    const from = Math.max(0, size - MAX_BYTES);
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(size - from), position: from });
    const all = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
    // The first may be the end of a longer one.
    const whole = (from === 0 ? all : all.slice(1)).filter((line) => line !== '');
    const lines = whole.slice(-MAX_LINES).map((line) => redact(line.slice(0, MAX_LINE)));
    return { lines, isCut: from > 0 || whole.length > lines.length };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

const SECRETS: readonly [RegExp, string][] = [
  [/\b(bearer|basic|oauth)\s+[\w\-.~+/%=]{6,}/gi, '$1 <redacted>'],
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, '$1<redacted>@'],
  [
    /("?(?:[a-z_-]*(?:token|secret|password|passwd|api_?key|authorization|cookie|signature))"?\s*[:=]\s*)("[^"]*"|[^\s,;&}]+)/gi,
    '$1"<redacted>"',
  ],
  [/[\w.+-]+@[\w-]+\.[\w.-]+/g, '<address>'],
];

/** Logs are written without secrets; a library's sentence might hold one all the same. */
export function redact(line: string): string {
  return SECRETS.reduce((text, [pattern, replacement]) => text.replaceAll(pattern, replacement), line);
}
