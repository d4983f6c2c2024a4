/** With which kinds of keys a stream is to be had: v2's take an app's own token alone; v1.1's are made for a person's OAuth 1.0a keys, preferred there. */
import { MistnetError } from '../../core/errors.ts';
import type { FilterApi } from '../../core/rules/compile.ts';
import type { Queryable } from '../db.ts';
import type { CredentialKind } from './credentials.ts';

export const STREAM_KINDS: Record<FilterApi, readonly CredentialKind[]> = {
  v2: ['app'],
  'v1.1': ['oauth1', 'app'],
};

const takes: Record<FilterApi, string> = {
  v2: "an app's own token (a bearer token) alone",
  'v1.1': "a person's OAuth 1.0a keys, or an app's own token",
};
const kindWords: Record<CredentialKind, string> = {
  app: "an app's own token",
  oauth1: "a person's keys (OAuth 1.0a)",
  oauth2: "a person's key (OAuth 2)",
};

/** Throws `credential.unusable` where a credential is of a kind that X lets into no such stream; one that is not there yet may be of any. */
export async function requireStreamKind(
  tx: Queryable,
  { credential, api }: { credential: string; api: FilterApi },
): Promise<void> {
  const [row] = await tx.query<{ kind: CredentialKind }>('select kind from credentials where label = $1', [credential]);
  if (row === undefined || STREAM_KINDS[api].includes(row.kind)) return;
  throw new MistnetError(
    'credential.unusable',
    `X's streams of ${api} take ${takes[api]}; the credential "${credential}" is ${kindWords[row.kind]}. Choose another one, or say none: then any that will do is taken.`,
  );
}
