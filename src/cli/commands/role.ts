/** `mistnet role NAME`: what the supervisor starts; not for people. */
import { type Command, Argument } from 'commander';
import { describeConfig, readConfig } from '../../config.ts';
import { causeText, MistnetError } from '../../core/errors.ts';
import { type CommandContext, readVersion } from '../context.ts';
import { LogFile } from '../log-file.ts';
import { takeLock } from '../supervisor/home.ts';
import type { ChildMessage } from '../supervisor/messages.ts';
import { WEB_FOLDER } from '../supervisor/programs.ts';
import { type Role, roles } from '../supervisor/supervise.ts';

/** How long a role of a killed supervisor may take to end before its successor gives up waiting for it. */
const PREDECESSOR_MS = 60_000;

export function addRoleCommand(program: Command, { environment }: CommandContext): void {
  program
    .command('role', { hidden: true })
    .addArgument(new Argument('<name>').choices(roles))
    .action(async (role: Role) => {
      try {
        await runRole(role, environment);
      } catch (error) {
        if (error instanceof MistnetError) await tell({ kind: 'failed', code: error.code, sentence: error.message });
        throw error;
      }
    });
}

async function runRole(role: Role, environment: CommandContext['environment']): Promise<void> {
  const config = readConfig(environment);
  const { databaseUrl, node } = config;
  if (databaseUrl === undefined || node === undefined)
    throw new MistnetError(
      'config.invalid',
      'A role is started by mistnet start or mistnet run, which set MISTNET_DATABASE_URL and MISTNET_NODE.',
    );
  const { pino } = await import('pino');
  const logOptions = { level: config.logLevel, base: { role, node }, timestamp: pino.stdTimeFunctions.isoTime };
  const log = pino(logOptions, new LogFile());
  const ending = new AbortController();
  const end = (reason: string) => () => {
    log.info({ reason }, 'role.ending');
    ending.abort();
  };
  process.on('SIGTERM', end('SIGTERM'));
  process.on('SIGINT', end('SIGINT'));
  process.on('disconnect', end('the supervisor has gone'));
  await using lock = await takeLock(config.home, role, PREDECESSOR_MS);
  if (lock === undefined)
    throw new MistnetError('home.in-use', `Another ${role} runs in ${config.home} and does not end.`);
  const { runCaptureRole, runServerRole, runWorkerRole } = await import('../../compose.ts');
  const options = {
    config,
    node,
    databaseUrl: databaseUrl.reveal(),
    version: readVersion(),
    log,
    signal: ending.signal,
    askRestart: (asked: string) => {
      if (process.send === undefined || !process.connected) return false;
      void tell({ kind: 'restart', role: asked });
      return true;
    },
    sayThere: (sentence: string) => void tell({ kind: 'said', sentence }),
  };
  log.info({ pid: process.pid }, 'role.started');
  if (role === 'server') {
    await runServerRole({
      ...options,
      pino: log,
      webFolder: WEB_FOLDER,
      settings: describeConfig(environment),
      onListening: (address, more) => void tell({ kind: 'ready', address, ...more }),
    });
  } else {
    void tell({ kind: 'ready' });
    await (role === 'capture' ? runCaptureRole(options) : runWorkerRole(options)).catch((error: unknown) => {
      log.error({ cause: causeText(error), stack: error instanceof Error ? error.stack : undefined }, 'role.failed');
      throw error;
    });
  }
  log.info({}, 'role.ended');
}

/** Resolves when the supervisor has it, or cannot have it any more. */
function tell(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, () => resolve());
  });
}
