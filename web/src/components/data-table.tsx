import type { ReactNode } from 'react';
import classes from './data-table.module.css';

/** `numeric` cells are set to the end; `title` is also what names a cell on small screens, where a row becomes a card. */
export type Column<Row> = { title: string; numeric?: boolean; cell: (row: Row) => ReactNode };

/** One element for all of a cell: beside its name on small screens. What is empty is left out there. */
function CellValue({ children }: { children: ReactNode }) {
  return children === null || children === undefined || children === '' ? null : (
    <div className={classes.value}>{children}</div>
  );
}

/** A table with a caption for screen readers. The first column names the row. */
export function DataTable<Row>({
  caption,
  columns,
  rows,
  keyOf,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
}) {
  return (
    <div className={classes.frame}>
      <table className={classes.table}>
        <caption className={classes.caption}>{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, numeric }) => (
              <th key={title} scope="col" data-numeric={numeric}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map(({ title, numeric, cell }, at) =>
                at === 0 ? (
                  <th key={title} scope="row" data-numeric={numeric}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={title} data-title={title} data-numeric={numeric}>
                    <CellValue>{cell(row)}</CellValue>
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
