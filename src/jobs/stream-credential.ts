/** What streams are asked with: capture starts without a database, so that a plan's credential lies beside it, sealed. */
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../capture/durable-file.ts';
import type { CapturePlan } from '../capture/plan.ts';
import type { NoCredential, StreamCredential } from '../capture/run-stream.ts';
import { MistnetError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import type { Clock } from '../core/time.ts';
import { usableXCredential } from '../platforms/x/credential-fields.ts';
import { ENVIRONMENT_LABEL } from '../store/credentials/credentials.ts';
import type { Keyring } from '../store/credentials/keyring.ts';
import { STREAM_KINDS } from '../store/credentials/stream-kinds.ts';
import {
  type KnownCredential,
  openSealed,
  type SealedCredential,
  sealedCredentialSchema,
} from '../store/credentials/sealed-credentials.ts';

/**
 * The one that a plan names, or else one that serves everybody, is not refused and will do: the one beside the plan as long as that holds of it, so
 * that a stream does not change hands without need, or the first that was added.
 */
export function credentialOfPlan(
  { credential: label, api }: Pick<CapturePlan, 'credential' | 'api'>,
  known: readonly KnownCredential[],
  beside: string | undefined,
): SealedCredential | undefined {
  if (label !== undefined) return known.find(({ credential }) => credential.label === label)?.credential;
  const fit = STREAM_KINDS[api].flatMap((kind) =>
    known.filter(({ credential, isRefused, isPersonal }) => credential.kind === kind && !isRefused && !isPersonal),
  );
  return (fit.find(({ credential }) => credential.label === beside) ?? fit[0])?.credential;
}

/** Those that would do, if the platform had not refused them: none where the plan names one. */
export function refusedForPlan(
  { credential: label, api }: Pick<CapturePlan, 'credential' | 'api'>,
  known: readonly KnownCredential[],
): string[] {
  if (label !== undefined) return [];
  return known
    .filter(
      ({ credential, isRefused, isPersonal }) =>
        isRefused && !isPersonal && STREAM_KINDS[api].includes(credential.kind),
    )
    .map(({ credential }) => credential.label);
}

/** The label of the credential that lies beside a plan; undefined when there is none, or none that can be read. */
export async function besidePlan(planFolder: string): Promise<string | undefined> {
  try {
    return sealedCredentialSchema.parse(JSON.parse((await textOf(pathIn(planFolder))) ?? 'null')).label;
  } catch {
    return undefined; // none, refused ones, or damaged: whichever will do is laid there anew
  }
}

/** Lays it beside the plan, sealed, where it is not there yet; undefined takes away what is there, and says which were refused, if any. */
export async function keepPlanCredential(
  planFolder: string,
  found: SealedCredential | undefined,
  refused: readonly string[] = [],
): Promise<void> {
  const credential = found ?? (refused.length > 0 ? { refused } : undefined);
  const path = pathIn(planFolder);
  const had = await textOf(path);
  if (credential === undefined) {
    if (had !== undefined) await rm(path, { force: true });
    return;
  }
  const text = `${JSON.stringify(credential)}\n`;
  if (had !== text) await writeDurably(path, text);
}

/**
 * What the plan's connections are asked with now: the credential that it names; without a name the token of the environment, or else what lies
 * beside the plan. `readRing` is called only when there is something to open.
 */
export async function streamCredential(options: {
  plan: Pick<CapturePlan, 'credential'>;
  planFolder: string;
  environmentToken: () => Promise<{ token: string } | { missing: string }>;
  readRing: () => Promise<Keyring>;
  clock: Clock;
}): Promise<StreamCredential | NoCredential> {
  const { plan, planFolder, environmentToken, readRing, clock } = options;
  const { credential: label } = plan;
  const given = label === undefined || label === ENVIRONMENT_LABEL ? await environmentToken() : undefined;
  if (given !== undefined && 'token' in given) {
    const fields = new Map([['bearer_token', new Secret(given.token)]]);
    const { authorization } = usableXCredential(ENVIRONMENT_LABEL, 'app', fields, clock);
    return { authorization, version: digestOf(given.token) };
  }
  const text = label === ENVIRONMENT_LABEL ? undefined : await textOf(pathIn(planFolder));
  if (text === undefined) {
    if (given !== undefined)
      return { missing: `${given.missing} Or keep one: mistnet credential add LABEL --from FILE.`, kept: [] };
    const missing = `There is no credential "${label}" (any more), which this is to be captured with. Add it: mistnet credential add ${label} --from FILE`;
    return { missing, kept: [] };
  }
  try {
    const beside: unknown = JSON.parse(text);
    const { data: none } = refusedSchema.safeParse(beside);
    if (none !== undefined) return { missing: refusedWords(none.refused), kept: none.refused };
    const sealed = sealedCredentialSchema.parse(beside);
    if (label !== undefined && sealed.label !== label)
      return { missing: `The credential "${label}" has not come beside the plan yet.` };
    const { authorization } = usableXCredential(sealed.label, sealed.kind, openSealed(await readRing(), sealed), clock);
    return { authorization, label: sealed.label, version: digestOf(text) };
  } catch (error) {
    if (error instanceof MistnetError) return { missing: error.message };
    return { missing: `The credential beside the plan cannot be read: ${pathIn(planFolder)} is damaged.` };
  }
}

/** What lies beside a plan when all that would do were refused. */
const refusedSchema = z.strictObject({ refused: z.array(z.string()).min(1) });

function refusedWords(labels: readonly string[]): string {
  const [label = ''] = labels;
  const named = labels.map((each) => `"${each}"`).join(' and ');
  const are = labels.length === 1 ? `The credential ${named} is` : `The credentials ${named} are`;
  return `${are} kept, but X let ${labels.length === 1 ? 'it' : 'them'} in nowhere when asked last. Try again what it can do (mistnet credential test ${label}), or add one that is valid.`;
}

function pathIn(planFolder: string): string {
  return join(planFolder, 'credential.json');
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
