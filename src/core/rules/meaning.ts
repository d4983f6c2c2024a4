/** What a shared stream's frames mean at an instant: which clauses each rule bears, and which collections asked for each clause. */
import type { FilterApi, ClauseSource } from './compile.ts';

/** A clause as one version of a collection asks for it. */
export type MeantClause = { key: string; sources: ClauseSource[] };

/** `names`: by what a frame names the rule: its tag, and its id where that is known. */
export type MeantRule = { names: string[]; clauses: string[] };

/** All that is in force. `revision` grows with each change. */
export type StreamMeaning = {
  revision: number;
  api: FilterApi;
  collections: { name: string; version: number; clauses: MeantClause[] }[];
  rules: MeantRule[];
};
