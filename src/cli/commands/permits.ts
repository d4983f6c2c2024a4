import type { Command } from 'commander';
import { loadPermits } from '../lazy-parts.ts';
import { type Config, readConfig } from '../../config.ts';
import type { CommandContext } from '../context.ts';
import { formatTable } from '../format.ts';
import { changeWithDeed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';

export function addPermitsCommand(program: Command, { environment }: CommandContext): void {
  program
    .command('permits')
    .description(
      "how each credential stands at each endpoint: what the platform still allows, and how today's calls went",
    )
    .option('--readmit <label>', 'use a credential again that was taken out, after it was mended')
    .option('--json', 'as JSON')
    .action(async ({ readmit, json }: { readmit?: string; json?: true }) => {
      const config = readConfig(environment);
      if (readmit !== undefined) return await readmitCredential(config, readmit);
      await showPermits(config, json === true);
    });
}

async function readmitCredential(config: Config, label: string): Promise<void> {
  const permits = await loadPermits();
  const deedOf = (count: number) => (count === 0 ? undefined : { action: 'credential.resume', target: label });
  const ended = await withDatabase(config, (db) =>
    changeWithDeed(db, deedOf, (tx) => permits.readmitCredential(tx, label)),
  );
  print(ended === 0 ? `Credential "${label}" was not taken out.` : `Credential "${label}" is used again.`);
}

async function showPermits(config: Config, json: boolean): Promise<void> {
  const { permitStandings } = await loadPermits();
  const { standings, pauses } = await withDatabase(config, (db) => permitStandings(db));
  if (json) return print(JSON.stringify({ permits: standings, pauses }, null, 2));
  if (standings.length === 0) print('No call was made yet: limits are learnt from the first answers.');
  else
    print(
      formatTable(
        ['credential', 'endpoint', 'limit', 'remaining', 'in flight', 'reset', 'used today', 'waste'],
        standings.map((row) => [
          row.credential,
          row.endpoint,
          row.limit,
          row.remaining,
          row.inFlight,
          (row.reopensAt ?? row.resetAt)?.slice(11, 19) ?? '-',
          row.usedToday,
          `${row.wastedTodayPercent} % (${row.refusedToday} refused, ${row.lostToday} lost)`,
        ]),
      ),
    );
  for (const { sentence } of pauses) print(sentence);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
