import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import type { CommandContext } from '../context.ts';
import { EMULATOR_PROGRAM } from '../supervisor/programs.ts';

export function addEmulatorCommand(program: Command, { environment, setExitCode }: CommandContext): void {
  program
    .command('emulator')
    .description('run the X API emulator alone (the same as mistnet-emulator; its own --help lists the flags)')
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .argument('[flags...]')
    .action(async (flags: string[]) => {
      const child = spawn(process.execPath, [EMULATOR_PROGRAM, ...flags], { stdio: 'inherit', env: environment });
      const pass = (signal: NodeJS.Signals) => child.kill(signal);
      process.on('SIGINT', () => {}); // the terminal has sent it to the emulator too
      process.on('SIGTERM', pass);
      const [code] = (await once(child, 'exit')) as [number | null];
      setExitCode(code ?? 1);
    });
}
