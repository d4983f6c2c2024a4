import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMay } from '../../../api/use-session.ts';
import { useAskForExport } from '../../exports/api/use-exports.ts';
import classes from './account-export.module.css';

const formats = [
  { format: 'csv', label: 'CSV' },
  { format: 'xlsx', label: 'XLSX' },
] as const;

/** All posts of the account as a table, made in the background. */
export function AccountExport({ accountId }: { accountId: string }) {
  const mayExport = useMay('collector');
  const asking = useAskForExport();
  if (!mayExport) return null;
  return (
    <div className={classes.ways}>
      {formats.map(({ format, label }) => (
        <Button
          key={format}
          size="compact-sm"
          variant="default"
          loading={asking.isPending && asking.variables.format === format}
          onClick={() => asking.mutate({ account: accountId, format, honourDeletions: true })}
        >
          Export its posts as {label}
        </Button>
      ))}
      <span role="status">
        {asking.data !== undefined && (
          <>
            “{asking.data.name}” was put in line: <Link to="/exports">see exports</Link>.
          </>
        )}
      </span>
      {asking.error !== null && <span role="alert">{asking.error.message}</span>}
    </div>
  );
}
