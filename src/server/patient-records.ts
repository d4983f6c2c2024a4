/** What was missed since the beginning takes the longer to read the older a collection is; a status is asked for each second. */
import type { Queryable } from '../store/db.ts';
import type { RecordsOf } from '../store/queries/collection-status.ts';
import { type ListeningRecord, listeningRecords } from '../store/queries/listening-records.ts';

/** A gap is told of after so long at the latest, while reading is quick. */
const LEAST_AGE_MS = 1_500;
/** Reading takes at most one part of so many of the time. */
const REST_SHARE = 20;
/** One that does not end (a dead link without a reset) is given up on, so that recovery is noticed. */
const HUNG_MS = 60_000;

type Reading = { records: ReadonlyMap<string, ListeningRecord>; at: number; tookMs: number };

/** Answers with the last reading and begins the next one behind it when it is time; only the first one is waited for. */
export function patientRecords(
  nowMs: () => number,
  read: (db: Queryable) => Promise<ReadonlyMap<string, ListeningRecord>> = listeningRecords,
): RecordsOf {
  let last: Reading | undefined;
  let running: { reading: Promise<Reading>; since: number } | undefined;

  const begin = (db: Queryable): Promise<Reading> => {
    const began = nowMs();
    const reading = read(db).then((records) => {
      const at = nowMs();
      last = { records, at, tookMs: at - began };
      return last;
    });
    const begun = { reading, since: began };
    const finish = () => {
      if (running === begun) running = undefined;
    };
    reading.then(finish, finish);
    running = begun;
    return reading;
  };

  return async (db) => {
    const current = running !== undefined && nowMs() - running.since < HUNG_MS ? running.reading : undefined;
    if (last === undefined) return (await (current ?? begin(db))).records;
    const isOld = nowMs() - last.at >= Math.max(LEAST_AGE_MS, last.tookMs * REST_SHARE);
    // Where it fails, the database is away: the status says so, and the old reading holds until the next one.
    if (isOld && current === undefined) begin(db).catch(() => undefined);
    return last.records;
  };
}
