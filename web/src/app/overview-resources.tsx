import { Paper } from '@mantine/core';
import type { Overview } from '../features/collections/api/use-overview.ts';
import { formatBytes, formatForecast, formatMoney } from '../format.ts';
import classes from './overview-resources.module.css';

/** What the month cost so far, against what it may cost. */
export function MoneyCard({ money }: { money: Overview['money'] }) {
  const { month, spentMicros, budgetMicros } = money;
  return (
    <Paper className={classes.card}>
      <h3 className={classes.name}>Cost of {month}</h3>
      <p className={classes.figure}>
        <span className={classes.number}>{formatMoney(spentMicros)}</span>{' '}
        {budgetMicros === null ? 'spent' : `of ${formatMoney(budgetMicros)}`}
      </p>
      {budgetMicros === null ? (
        <p className={classes.remark}>No budget limits it: whatever is asked for is paid for.</p>
      ) : (
        <>
          <Meter
            share={budgetMicros === 0 ? 1 : spentMicros / budgetMicros}
            label={`${formatMoney(spentMicros)} of ${formatMoney(budgetMicros)} spent`}
          />
          <p className={classes.remark}>
            {budgetMicros > spentMicros
              ? `${formatMoney(budgetMicros - spentMicros)} are left until the month ends (UTC).`
              : 'Paid calls wait for the next month (UTC).'}
          </p>
        </>
      )}
    </Paper>
  );
}

/** How one machine fares. */
export function NodeCard({ node }: { node: Overview['nodes'][number] }) {
  const { cpuShare, memoryUsedBytes, memoryTotalBytes, diskFreeBytes, diskTotalBytes, fullInDays } = node;
  const memory = memoryUsedBytes === null || memoryTotalBytes === null ? undefined : memoryUsedBytes / memoryTotalBytes;
  const disk = diskFreeBytes === null || diskTotalBytes === null ? undefined : 1 - diskFreeBytes / diskTotalBytes;
  return (
    <Paper className={classes.card}>
      <h3 className={classes.name}>Node {node.node}</h3>
      <dl className={classes.meters}>
        <dt>Processor</dt>
        <dd>
          {cpuShare === null ? (
            'unknown'
          ) : (
            <Meter share={cpuShare} label={`Processor of ${node.node}`} says={percent(cpuShare)} />
          )}
        </dd>
        <dt>Memory</dt>
        <dd>
          {memory === undefined ? (
            'unknown'
          ) : (
            <Meter
              share={memory}
              label={`Memory of ${node.node}`}
              says={`${percent(memory)} of ${formatBytes(memoryTotalBytes ?? 0)}`}
            />
          )}
        </dd>
        <dt>Disk</dt>
        <dd>
          {disk === undefined ? (
            'unknown'
          ) : (
            <Meter
              share={disk}
              label={`Disk of ${node.node}`}
              says={`${formatBytes(diskFreeBytes ?? 0)} free${fullInDays === null ? '' : `, full in ${formatForecast(fullInDays)}`}`}
            />
          )}
        </dd>
      </dl>
    </Paper>
  );
}

function Meter({ share, label, says }: { share: number; label: string; says?: string }) {
  const held = Math.min(1, Math.max(0, share));
  return (
    <span className={classes.meter}>
      <meter className={classes.bar} min={0} max={1} low={0.8} high={0.95} optimum={0} value={held} aria-label={label}>
        {percent(held)}
      </meter>
      {says !== undefined && <span className={classes.says}>{says}</span>}
    </span>
  );
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
