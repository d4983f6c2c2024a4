const outcomes: Record<string, string> = {
  done: 'read',
  failed: 'failed',
  gone: 'account is gone',
  suspended: 'account is suspended',
  protected: 'account is protected',
  interrupted: 'interrupted',
};

/** So many characters of a cause are shown at once: the column is narrow, and the same cause may stand in it for days. */
const SHOWN = 70;

/** What became of the reading of a timeline, and why. */
export function ReadingOutcome({ outcome, error }: { outcome: string | null; error: string | null }) {
  if (error === null) return outcome === null ? 'running' : (outcomes[outcome] ?? outcome);
  if (error.length <= SHOWN) return error;
  return (
    <details>
      <summary>{error.slice(0, SHOWN).replace(/\s\S*$/, '')} …</summary>
      {error}
    </details>
  );
}
