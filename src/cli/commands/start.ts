import { Argument, type Command } from 'commander';
import { readConfig } from '../../config.ts';
import type { CommandContext } from '../context.ts';
import { watchSignals } from '../supervisor/signals.ts';
import { type Role, roles, supervise } from '../supervisor/supervise.ts';

export function addStartCommands(program: Command, context: CommandContext): void {
  program
    .command('start')
    .description('run everything on this machine: capture, worker, server, and PostgreSQL when none is configured')
    .action(() => start(context, roles));
  program
    .command('run')
    .description('run chosen roles, as on further machines with MISTNET_DATABASE_URL')
    .addArgument(new Argument('<role...>', 'capture, worker, server').choices(roles))
    .action((chosen: Role[]) =>
      start(
        context,
        roles.filter((role) => chosen.includes(role)),
      ),
    );
}

async function start({ environment }: CommandContext, chosen: readonly Role[]): Promise<void> {
  const config = readConfig(environment);
  const say = (sentence: string) => void process.stderr.write(`mistnet: ${sentence}\n`);
  await supervise({
    config,
    environment,
    roles: chosen,
    signals: watchSignals(say),
    say,
    onServer: (address) => say(`Running. Page: ${address}  Data: ${config.home}`),
  });
  say('Ended. Everything is sealed.');
}
