import type { ReactNode } from 'react';
import classes from './figure-list.module.css';

/** A name, its figure, and perhaps a quiet remark below. */
export type Figure = { name: string; value: ReactNode; remark?: ReactNode };

/** Figures side by side, read out as name and value. */
export function FigureList({ figures }: { figures: readonly Figure[] }) {
  return (
    <dl className={classes.list}>
      {figures.map(({ name, value, remark }) => (
        <div key={name} className={classes.figure}>
          <dt>{name}</dt>
          <dd>
            <span className={classes.value}>{value}</span>
            {remark !== undefined && <span className={classes.remark}>{remark}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
