/**
 * Brings a shared stream's rules to the platform: what is new is added before what is old is deleted, while the stream goes on. Every step
 * can be done again: whoever is killed in between, the next look finds what the platform has and goes on from there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { crashPoint } from '../../core/crash-point.ts';
import type { Log } from '../../core/log.ts';
import { ruleLimits } from '../../core/rules/limits.ts';
import {
  addRules,
  deleteRules,
  endFilterConnections,
  listRules,
  type PlatformRule,
  type RulesAsker,
  RulesRefused,
} from '../../platforms/x/filter-rules.ts';
import { causeText } from '../../core/errors.ts';
import type { Database } from '../../store/db.ts';
import { filterLevel } from '../../store/filters/filter-collections.ts';
import {
  isAtRest,
  noteAbsent,
  notePresent,
  noteRefused,
  noteSynced,
  openRules,
  type RuleRow,
  type StreamToSync,
  streamRevision,
} from '../../store/filters/rule-rows.ts';
import { isTold } from '../../store/filters/told-nodes.ts';
import type { RulesPace } from './rules-pace.ts';

/** How long capture may take to note what new rules mean before the platform is told of them; it looks twice a second. */
const TOLD_PATIENCE_MS = 3_000;
/** So long before rules may be added it is looked what there is to add: capture has heard of it by then. */
export const PREPARE_MS = 700;
/** New rules take a while to find their first posts: so long the old ones stay beside them. */
export const SETTLE_MS = 4_000;
/** How long capture may take to end a stream by itself. */
const REST_PATIENCE_MS = 5_000;
const RULES_A_REQUEST = 100;

/** It is looked so often whether capture has heard of it. */
const POLL_MS = 100;

type Refusal = { row: RuleRow; reason: string };
/** `rows`: all that are open; `toAdd`: what is wanted and not there; `some`: as much of it as one request takes and there is room for. */
type Look = { revision: number; rows: RuleRow[]; toAdd: RuleRow[]; some: RuleRow[] };

export type SyncOptions = {
  db: Database;
  asker: RulesAsker;
  log: Log;
  signal: AbortSignal;
  /** Whether to ask the platform what it has, rather than to trust what was noted. */
  isThorough: boolean;
  /** Of this stream's credential. */
  pace: RulesPace;
  settleMs?: number;
};

/**
 * One look at a stream. Returns whether all is as it is wanted now, or will be when the pace allows it. What the platform refuses is noted with the rule and the stream; it throws for
 * the database and the signal only. No two workers do this for one stream at once: see `holdStream`.
 */
export async function syncRules(stream: StreamToSync, given: SyncOptions): Promise<boolean> {
  const { db, log, signal, pace } = given;
  const options = { ...given, asker: { ...given.asker, permits: pace.listeningTo(given.asker.permits) } };
  const { plan, revision } = stream;
  try {
    await untilTold(db, { plan, revision }, signal);
    // crash point rules.told: recovery must bring the rules that are wanted to the platform.
    crashPoint('rules.told');
    if (options.isThorough) await reconcile(stream, options);
    const { refused, isLater } = await changeRules(stream, options);
    if (!stream.hasMembers && stream.syncedRevision >= 0) await endOnPlatform(stream, options);
    // crash point rules.ended: recovery must find nothing to do but to note that all is as it is wanted.
    crashPoint('rules.ended');
    await noteSynced(db, plan, { error: refused.length === 0 ? undefined : refusedWords(refused) });
    if (!isLater) log.info({ plan, revision, refused: refused.length }, 'rules.synced');
    return true;
  } catch (error) {
    if (signal.aborted || !(error instanceof RulesRefused)) throw error;
    await noteSynced(db, plan, { error: error.message });
    log.warn({ plan, revision, cause: error.message }, 'rules.refused');
    return false;
  }
}

/** Runs the work unless another worker is at the same stream; returns whether it did. The hold ends with the connection, so also with its process. */
export async function holdStream(db: Database, plan: string, work: () => Promise<void>): Promise<boolean> {
  return await db.withClient(async (client) => {
    const key = `mistnet filter ${plan}`;
    const { rows } = await client.query<{ held: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as held',
      [key],
    );
    if (rows[0]?.held !== true) return false;
    try {
      await work();
    } finally {
      await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [key]);
    }
    return true;
  });
}

/** A capture that cannot reach the database must not hold changes up: frames of rules it does not know are looked through instead. */
async function untilTold(db: Database, wish: { plan: string; revision: number }, signal: AbortSignal): Promise<void> {
  await poll(TOLD_PATIENCE_MS, signal, () => isTold(db, wish));
}

/** Makes what is noted agree with what the platform has. Rules of others are left alone; those of ours that nobody knows of are deleted. */
async function reconcile(stream: StreamToSync, { db, asker }: SyncOptions): Promise<void> {
  const { plan, tagPrefix } = stream;
  const there = await listRules(asker);
  const byValue = new Map(there.map((rule) => [rule.value, rule]));
  const rows = await openRules(db, plan);
  const present = rows.flatMap((row) => {
    const found = byValue.get(row.value);
    return found === undefined ? [] : [{ ruleNo: row.ruleNo, ruleId: found.id, platformTag: found.tag }];
  });
  const absent = rows.filter(({ value }) => !byValue.has(value));
  await db.transaction(async (tx) => {
    await notePresent(tx, stream, present);
    await noteAbsent(
      tx,
      plan,
      absent.filter(({ isPresent, isWanted }) => isPresent || !isWanted).map(({ ruleNo }) => ruleNo),
    );
  });
  const known = new Set(rows.map(({ value }) => value));
  const lost = there.filter(({ tag, value }) => tag.startsWith(tagPrefix) && !known.has(value));
  if (lost.length > 0)
    await deleteRules(
      asker,
      lost.map(({ id }) => id),
    );
}

/**
 * Adds and deletes until nothing is left to do, or nothing that the pace allows now: whoever looks again goes on. `refused`: the rules
 * that the platform does not take.
 */
async function changeRules(
  stream: StreamToSync,
  options: SyncOptions,
): Promise<{ refused: Refusal[]; isLater: boolean }> {
  const { db, signal, pace, settleMs = SETTLE_MS } = options;
  const { plan } = stream;
  const limits = ruleLimits((await filterLevel(db, stream.credential)) ?? undefined);
  const refused = new Map<string, Refusal>();
  let addedAtMs = Number.NEGATIVE_INFINITY;
  let reached = -1;
  // Of what was to be done at once, some did not go along with the last request.
  let [isMore, isMoreToDelete] = [false, false];
  const noteReached = async (revision: number) => {
    if (revision <= reached) return;
    const said = [...refused.values()];
    await noteSynced(db, plan, { revision, error: said.length === 0 ? undefined : refusedWords(said) });
    reached = revision;
  };
  const look = async (): Promise<Look> => {
    const revision = (await streamRevision(db, plan)) ?? 0;
    const rows = await openRules(db, plan);
    const toAdd = rows.filter(({ isPresent, isWanted, value }) => isWanted && !isPresent && !refused.has(value));
    const room = limits.rules - rows.filter(({ isPresent }) => isPresent).length;
    return { revision, rows, toAdd, some: toAdd.slice(0, Math.max(0, Math.min(RULES_A_REQUEST, room))) };
  };
  /** When the pace lets rules go, the newest look that capture has heard of: what came meanwhile goes along. */
  const newestTold = async (first: Look, isOneOfSeveral: boolean): Promise<Look> => {
    let [told, newest] = [first, first];
    for (;;) {
      const inMs = pace.addInMs({ isMore: isOneOfSeveral });
      if (inMs <= 0) return told;
      await sleep(Math.min(inMs, POLL_MS), undefined, { signal });
      if (newest === told) newest = await look();
      if (await isTold(db, { plan, revision: newest.revision })) told = newest;
    }
  };
  for (;;) {
    let { revision, rows, toAdd, some } = await look();
    if (some.length > 0) {
      const inMs = pace.addInMs({ isMore });
      if (inMs > PREPARE_MS) return { refused: [...refused.values()], isLater: true };
      await untilTold(db, { plan, revision }, signal);
      ({ revision, rows, toAdd, some } = await newestTold({ revision, rows, toAdd, some }, isMore));
      if (some.length === 0) continue;
      const refusals = await addSome(stream, some, options);
      for (const each of refusals) refused.set(each.row.value, each);
      addedAtMs = performance.now();
      isMore = some.length < toAdd.length || refusals.length > 0;
      // Others may be wanted by now: what was wanted then is there.
      if (some.length === toAdd.length && some.every(({ value }) => !refused.has(value))) await noteReached(revision);
      continue;
    }
    await giveUp(
      db,
      plan,
      rows.filter(({ isPresent, isWanted }) => !isPresent && !isWanted),
    );
    if (toAdd.length === 0) await noteReached(revision);
    // Where there is no room at all, a rule that goes must make it.
    const toDelete = toAdd.length > 0 ? rows.filter(isLeaving) : replaced(rows);
    const mayDelete = toAdd.length > 0 || !stream.hasMembers || pace.mayDelete({ isMore: isMoreToDelete });
    if (toDelete.length === 0 || !mayDelete) return { refused: [...refused.values()], isLater: false };
    await sleep(Math.max(0, addedAtMs + settleMs - performance.now()), undefined, { signal });
    // Wanted again meanwhile: it stays.
    const still = new Set((await openRules(db, plan)).filter(isLeaving).map(({ ruleNo }) => ruleNo));
    const leaving = toDelete.filter(({ ruleNo }) => still.has(ruleNo)).slice(0, RULES_A_REQUEST);
    isMoreToDelete = leaving.length < toDelete.length;
    if (leaving.length > 0) await deleteSome(plan, leaving, options);
  }
}

function isLeaving({ isPresent, isWanted }: RuleRow): boolean {
  return isPresent && !isWanted;
}

/** Rules to delete: none that bears something which is still asked for and has no other rule, because the platform does not take the new one. */
function replaced(rows: readonly RuleRow[]): RuleRow[] {
  const wanted = rows.filter(({ isWanted }) => isWanted);
  const there = new Set(wanted.filter(({ isPresent }) => isPresent).flatMap(({ clauses }) => clauses));
  const missing = new Set(wanted.flatMap(({ clauses }) => clauses).filter((key) => !there.has(key)));
  return rows.filter((row) => isLeaving(row) && !row.clauses.some((key) => missing.has(key)));
}

async function addSome(
  stream: StreamToSync,
  rows: readonly RuleRow[],
  { db, asker, log, pace }: SyncOptions,
): Promise<Refusal[]> {
  pace.noteAdded();
  const outcomes = await addRules(asker, rows);
  // crash point rules.sent: recovery must find the rules at the platform and note them, under the ids that they have.
  crashPoint('rules.sent');
  const duplicates = outcomes.some(({ kind }) => kind === 'duplicate')
    ? new Map((await listRules(asker)).map((rule) => [rule.id, rule]))
    : new Map<string, PlatformRule>();
  const refused: Refusal[] = [];
  const present: Parameters<typeof notePresent>[2][number][] = [];
  outcomes.forEach((outcome, at) => {
    const row = rows[at];
    if (row === undefined) return;
    if (outcome.kind === 'refused') {
      if (outcome.reason !== '') refused.push({ row, reason: outcome.reason });
    } else
      present.push({ ruleNo: row.ruleNo, ruleId: outcome.id, platformTag: duplicates.get(outcome.id)?.tag ?? row.tag });
  });
  if (refused.length > 0)
    await db.transaction((tx) =>
      noteRefused(
        tx,
        stream.plan,
        refused.map(({ row, reason }) => ({ ruleNo: row.ruleNo, reason })),
      ),
    );
  await db.transaction((tx) => notePresent(tx, stream, present));
  // crash point rules.noted: recovery must add what is missing, and only then delete what is not wanted.
  crashPoint('rules.noted');
  log.info({ plan: stream.plan, added: present.length, refused: refused.length }, 'rules.added');
  if (refused.length === 0 && present.length === 0)
    throw new RulesRefused('The platform took none of the rules and did not say why', 0);
  return refused;
}

async function deleteSome(plan: string, rows: readonly RuleRow[], options: SyncOptions): Promise<void> {
  const { db, asker, log, pace } = options;
  pace.noteDeleted();
  const ours = rows.flatMap(({ isForeign, ruleId }) => (isForeign || ruleId === null ? [] : [ruleId]));
  if (ours.length > 0) await deleteRules(asker, ours);
  // crash point rules.deleted: recovery must find that they are not at the platform and note them as gone.
  crashPoint('rules.deleted');
  await giveUp(db, plan, rows);
  log.info({ plan, deleted: ours.length }, 'rules.deleted');
}

async function giveUp(db: Database, plan: string, rows: readonly RuleRow[]): Promise<void> {
  const ruleNos = rows.map(({ ruleNo }) => ruleNo);
  await db.transaction((tx) => noteAbsent(tx, plan, ruleNos));
}

/** Nobody is active any more: capture ends the connection; what is left of it at the platform is ended there. */
async function endOnPlatform({ plan }: StreamToSync, { db, asker, log, signal }: SyncOptions): Promise<void> {
  await poll(REST_PATIENCE_MS, signal, () => isAtRest(db, plan));
  try {
    const { ended, unable } = await endFilterConnections(asker);
    if (ended > 0) log.info({ plan, ended }, 'connections.ended');
    if (unable !== undefined) log.warn({ plan, cause: unable }, 'connections.kept');
  } catch (error) {
    if (!(error instanceof RulesRefused)) throw error;
    log.info({ plan, cause: causeText(error) }, 'connections.unknown'); // not every level of access has this
  }
}

function refusedWords(refused: readonly Refusal[]): string {
  const [first] = refused;
  const more = refused.length === 1 ? '' : ` (and ${refused.length - 1} more)`;
  return first === undefined
    ? ''
    : `The platform does not take the rule ${first.row.value.slice(0, 200)}: ${first.reason}${more}`;
}

async function poll(patienceMs: number, signal: AbortSignal, isDone: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + patienceMs;
  while (!(await isDone()) && performance.now() < endMs) await sleep(POLL_MS, undefined, { signal });
}
