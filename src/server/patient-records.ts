/** What was missed since the beginning takes the longer to read the older a collection is; a status is asked for each second. */
import type { Queryable } from '../store/db.ts';
import type { RecordsOf } from '../store/queries/collection-status.ts';
import { type ListeningRecord, listeningRecords } from '../store/queries/listening-records.ts';

/** A gap is told of after so long at the latest, while reading is quick. */
const LEAST_AGE_MS = 1_500;
/** Reading takes at most one part of so many of the time. */
const REST_SHARE = 20;

type Reading = { records: ReadonlyMap<string, ListeningRecord>; at: number; tookMs: number };

/** Answers with the last reading and begins the next one behind it when it is time; only the first one is waited for. */
export function patientRecords(
  nowMs: () => number,
  read: (db: Queryable) => Promise<ReadonlyMap<string, ListeningRecord>> = listeningRecords,
): RecordsOf {
  let last: Reading | undefined;
  let running: Promise<Reading> | undefined;

  const begin = (db: Queryable): Promise<Reading> => {
    const began = nowMs();
    const reading = read(db).then((records) => {
      const at = nowMs();
      last = { records, at, tookMs: at - began };
      return last;
    });
    const finish = () => {
      running = undefined;
    };
    reading.then(finish, finish);
    running = reading;
    return reading;
  };

  return async (db) => {
    if (last === undefined) return (await (running ?? begin(db))).records;
    const isOld = nowMs() - last.at >= Math.max(LEAST_AGE_MS, last.tookMs * REST_SHARE);
    // Where it fails, the database is away: the status says so, and the old reading holds until the next one.
    if (isOld && running === undefined) begin(db).catch(() => undefined);
    return last.records;
  };
}
