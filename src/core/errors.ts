/**
 * Every failure a person can meet, by code. `message` is the general sentence; what exactly was wrong, where, and what to
 * do is said where the error is thrown. `exitCode`: 1 failed, 2 wrong use, 3 a verify found differences.
 */
export const errorTable = {
  'usage.invalid': { message: 'The command or one of its options is wrong', exitCode: 2 },
  'config.invalid': { message: 'A setting is missing or has a value that cannot be used', exitCode: 2 },
  'node.unusable': { message: 'The Node that runs mistnet is too old or missing', exitCode: 1 },
  'home.newer': { message: 'The data folder was written by a newer mistnet', exitCode: 1 },
  'home.in-use': { message: 'Another mistnet runs in this data folder', exitCode: 1 },
  'home.unusable': { message: 'The data folder cannot be read or written', exitCode: 1 },
  'port.in-use': { message: 'The port is taken by another program', exitCode: 1 },
  'database.unreachable': { message: 'PostgreSQL does not answer', exitCode: 1 },
  'database.unusable': { message: 'PostgreSQL answers but cannot be used', exitCode: 1 },
  'database.newer': { message: 'The database was migrated by a newer mistnet', exitCode: 1 },
  'postgres.start-failed': { message: 'The embedded PostgreSQL did not start', exitCode: 1 },
  'collection.unknown': { message: 'No collection has this name', exitCode: 1 },
  'collection.exists': { message: 'A collection has this name already', exitCode: 1 },
  'filter.changed': { message: 'Somebody else has changed the filter meanwhile', exitCode: 1 },
  'filter.refused': { message: 'The filter cannot be made or started like this', exitCode: 2 },
  'collection.invalid': { message: 'The collection cannot be made like this', exitCode: 2 },
  'token.missing': { message: 'No token is configured for the platform', exitCode: 1 },
  'token.refused': { message: 'The platform refused the token', exitCode: 1 },
  'credential.unknown': { message: 'No credential has this label', exitCode: 1 },
  'credential.exists': { message: 'A credential has this label already', exitCode: 1 },
  'credential.unusable': { message: 'No credential can make this call', exitCode: 1 },
  'user.unknown': { message: 'There is no such user', exitCode: 1 },
  'user.exists': { message: 'There is such a user already', exitCode: 1 },
  'user.refused': { message: 'The user cannot be made or changed like this', exitCode: 1 },
  'password.weak': { message: 'The password is too easy to guess', exitCode: 1 },
  'link.unknown': { message: 'The link does not work any more', exitCode: 1 },
  'budget.reached': { message: 'The budget does not allow another call', exitCode: 1 },
  'account.unknown': { message: 'No account is known by this', exitCode: 1 },
  'account.refused': { message: 'The account cannot be added or changed like this', exitCode: 1 },
  'export.unknown': { message: 'There is no such export', exitCode: 2 },
  'export.refused': { message: 'The export cannot be made like this', exitCode: 2 },
  'platform.unreachable': { message: 'The platform does not answer', exitCode: 1 },
  'platform.refused': { message: 'The platform refused the request', exitCode: 1 },
  'hour.invalid': { message: 'This is not an hour', exitCode: 2 },
  'zone.invalid': { message: 'This is not a time zone', exitCode: 2 },
  'folder.unreadable': { message: 'A folder or file cannot be read', exitCode: 1 },
  'file.unwritable': { message: 'A file cannot be written', exitCode: 1 },
  'segment.damaged': { message: 'A segment does not hold what its manifest says', exitCode: 3 },
  'segment.missing': { message: 'A segment that is needed is not there', exitCode: 1 },
  'segment.unreadable': { message: 'This is not a segment', exitCode: 1 },
  'dataset.empty': { message: 'There is nothing to build the dataset from', exitCode: 1 },
  'dataset.damaged': { message: 'A dataset does not hold what its manifest says', exitCode: 3 },
  'dataset.conflict': { message: 'Another build of the same hour is running', exitCode: 1 },
  'xz.missing': { message: 'Neither the xz program nor its library can be used', exitCode: 1 },
  'ledger.conflict': { message: 'Another loader moved the ledger of this segment', exitCode: 1 },
  'job.failed': { message: 'A background job failed', exitCode: 1 },
  'process.failed': { message: 'A part of mistnet ended unexpectedly', exitCode: 1 },
} as const satisfies Record<string, { message: string; exitCode: 1 | 2 | 3 }>;

export type ErrorCode = keyof typeof errorTable;

/** A failure with a code of the table and one sentence for the person: what was wrong, where, what to do. */
export class MistnetError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, sentence: string, options?: { cause?: unknown }) {
    super(sentence, options);
    this.name = 'MistnetError';
    this.code = code;
  }

  get exitCode(): 1 | 2 | 3 {
    return errorTable[this.code].exitCode;
  }
}

/** Node has no name for Linux's EDQUOT. */
const QUOTA_UNKNOWN = /^Unknown system error -122(?:: Unknown system error -122)?(?!\d)/;

/** The first line of any thrown value, for sentences that quote a cause. */
export function causeText(error: unknown): string {
  if (error instanceof AggregateError && error.message === '' && error.errors.length > 0)
    return causeText(error.errors[0]);
  const [issue] = issuesOf(error);
  if (issue !== undefined) return issue;
  const text = error instanceof Error ? error.message || error.name : String(error);
  return (text.split('\n', 1)[0] ?? '').replace(QUOTA_UNKNOWN, 'EDQUOT: disk quota exceeded');
}

/** A validator's complaints, `compressedBytes: expected number`: its own message is JSON, of which the first line says nothing. */
function issuesOf(error: unknown): string[] {
  if (!(error instanceof Error) || !('issues' in error) || !Array.isArray(error.issues)) return [];
  return error.issues.map(({ path, message }: { path?: unknown; message?: unknown }) => {
    const where = Array.isArray(path) ? path.map(String).join('.') : '';
    return `${where === '' ? '' : `${where}: `}${String(message)}`;
  });
}
