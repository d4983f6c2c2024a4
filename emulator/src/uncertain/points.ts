/** One point at which nobody knows, from documents and recordings, what the platform does. */
interface Point {
  /** What the emulator can do; the first is the default. */
  readonly values: readonly [string, string, ...string[]];
  /** What it decides, as a sentence. */
  readonly decides: string;
  /** Who says which, or that nobody does. */
  readonly says: string;
}

/** Every uncertain point with a switch of its own, by name. docs/uncertain.md is made of this table. */
export const POINTS = {
  'problem-host': {
    values: ['vocabulary', 'api.twitter.com', 'api.x.com'],
    decides: 'The host in `type` of problems. `vocabulary`: the one that goes with `--vocabulary`.',
    says: 'Answers seen until 2026 say api.twitter.com; documents and specification 2.167 say api.x.com.',
  },
  'error-content-type': {
    values: ['json', 'problem+json'],
    decides: '`content-type` of refusals of v2: `application/json` or `application/problem+json`.',
    says: 'Recordings have the first, the specification has both.',
  },
  'unknown-path': {
    values: ['problem', 'code-34', 'empty'],
    decides: 'The body of a 404 for a v2 path that is none: a problem, the list of v1.1 with code 34, or nothing.',
    says: 'From memory; no recording is known.',
  },
  'too-many-requests': {
    values: ['problem', 'code-88'],
    decides: 'The body of a 429 of v2: a problem, or the list of v1.1 with code 88.',
    says: 'Answers that were seen have the problem; the documents on rate limits show code 88.',
  },
  unavailable: {
    values: ['problem', 'html', 'empty'],
    decides: 'The body of a 503 of v2.',
    says: 'Something of JSON with 94 bytes, gzipped, was seen. Documents: gateways may answer with HTML or nothing.',
  },
  'wrong-kind-of-token': {
    values: ['unsupported', 'forbidden'],
    decides:
      'The body of a 403 for a token of a kind that the endpoint of v2 does not take: type `unsupported-authentication`, or a bare `Forbidden`.',
    says: 'The specification has the type; the sentence is from memory.',
  },
  'source-field': {
    values: ['shown', 'absent'],
    decides: 'Whether v2 still fills the field `source` of a post.',
    says: 'The specification has it; it is said to have gone from answers about 2022-12.',
  },
  'edits-remaining': {
    values: ['number', 'text'],
    decides: 'How `edits_remaining` is written: `5` or `"5"`.',
    says: 'Recordings of 2022 have text, later ones a number.',
  },
  'edit-window': {
    values: ['hour', 'half-hour'],
    decides: 'How long after a post `editable_until` lies.',
    says: 'Half an hour in recordings of 2022, an hour in 2024.',
  },
  'post-metrics': {
    values: ['six', 'four'],
    decides: 'Whether `public_metrics` of posts have `bookmark_count` and `impression_count`.',
    says: 'Recordings before 2022-12 have not; the specification requires them.',
  },
  'empty-geo': {
    values: ['absent', 'on-streams'],
    decides: 'Whether streams that ask for `geo` show `"geo":{}` at posts without a place.',
    says: 'Seen quoted in 2024; older recordings have no such key.',
  },
  'note-entities': {
    values: ['shown', 'absent'],
    decides: 'Whether `note_tweet` has `entities` beside its `text`.',
    says: 'No recording of a long post is known; the specification allows both.',
  },
  'private-metrics': {
    values: ['error', 'absent'],
    decides:
      'Metrics that only the author may see, asked for by others: a `Field Authorization Error` beside the post, or just left out.',
    says: 'The specification has the error; no recording is known.',
  },
  'post-of-suspended': {
    values: ['not-found', 'forbidden'],
    decides: 'The partial error of v2 for a post whose author is suspended: `Not Found Error` or `Forbidden`.',
    says: 'Both are told; no recording is known.',
  },
  'earlier-versions': {
    values: ['included', 'absent'],
    decides: 'Whether `expansions=edit_history_tweet_ids` puts the other versions of a post into `includes`.',
    says: 'The specification has the expansion; no recording is known.',
  },
  'start-time': {
    values: ['inclusive', 'exclusive'],
    decides: 'Whether posts of the very second of `start_time` belong to timelines, search and counts.',
    says: 'Inclusive from memory.',
  },
  'end-time': {
    values: ['exclusive', 'inclusive'],
    decides: 'Likewise the second of `end_time`.',
    says: 'Exclusive from memory.',
  },
  'follow-order': {
    values: ['newest-first', 'oldest-first'],
    decides: 'The order of followers and following in v2.',
    says: 'Newest first from memory, as v1.1 had it.',
  },
  'excluded-posts': {
    values: ['made-up', 'missing'],
    decides:
      'Whether `exclude` on a v2 timeline makes up for what it leaves out, so that pages are full, or leaves pages short as v1.1 did.',
    says: 'Nobody says for v2.',
  },
  'usage-numbers': {
    values: ['vocabulary', 'number', 'text'],
    decides: 'How `/2/usage/tweets` writes sums. `vocabulary`: numbers with 2.166, text with 2.167.',
    says: 'Specification 2.166: integers; 2.167 and the pages of 2024: text.',
  },
  'usage-days': {
    values: ['specification', 'documents'],
    decides:
      'The form of `daily_project_usage`: one object with `usage`, or a list of days with `app_id` and `tweets_consumed`.',
    says: 'Specification against the prose of the documents.',
  },
  'duplicate-rule-status': {
    values: ['200', '201'],
    decides: 'The status of adding rules that are all there already.',
    says: 'Either is told; the answer was seen quoted without it.',
  },
  'duplicate-rule-counts-as': {
    values: ['invalid', 'valid'],
    decides: 'How `meta.summary` counts a rule that is there already.',
    says: 'Invalid in one quoted answer.',
  },
  'broken-rule': {
    values: ['refuses-all', 'refuses-itself'],
    decides: 'Whether one rule that cannot be read keeps the others of the request out (400), or only itself (201).',
    says: 'Nobody says; 400 was seen where all were broken.',
  },
  'rule-cap-status': {
    values: ['422', '400', '403'],
    decides: 'The status of `RulesCapExceeded`.',
    says: 'The title was seen in programs that caught an HTTP error; its status nobody names.',
  },
  'dry-run-ids': {
    values: ['shown', 'absent'],
    decides: 'Whether rules of a `dry_run` come back with ids.',
    says: 'Nobody says.',
  },
  'untagged-rule': {
    values: ['empty', 'absent'],
    decides: '`tag` in `matching_rules` of a rule that has none: `""`, or no key.',
    says: 'Documents show `""`; no recording is known.',
  },
  'no-rules': {
    values: ['absent', 'empty'],
    decides: 'The list of rules when there are none: without `data`, or `"data":[]`.',
    says: 'Clients are prepared for the first; no recording is known.',
  },
  keepalives: {
    values: ['in-silence', 'always'],
    decides: 'Whether streams of v2 send keep-alives only after a silence, or in busy times, too.',
    says: 'Documents say at least every 20 seconds, and leave it open.',
  },
  'backfill-refused': {
    values: ['400', '403'],
    decides:
      'The answer to `backfill_minutes`, `start_time` or `end_time` on a stream where the level does not include them: 400 `invalid-request`, or 403 `Forbidden`.',
    says: 'Nobody says.',
  },
  'sample-choice': {
    values: ['milliseconds', 'random'],
    decides:
      'What the 1 % streams hold: the posts of milliseconds 657 to 666, or one in a hundred of all posts by a hash of the id (`--rate` posts a second and the others around them are then the whole).',
    says: 'Found in 2013 to 2018, and true of a recording of 2018. Nobody has looked since 2022.',
  },
  'tenth-choice': {
    values: ['milliseconds', 'random'],
    decides: 'What the 10 % stream holds: the posts of milliseconds 657 to 756, or one in ten by a hash of the id.',
    says: 'From memory of a paper of 2018.',
  },
  'v1-suspended-timeline': {
    values: ['401', '403'],
    decides: '`statuses/user_timeline` of a suspended account: 401 `Not authorized.`, or 403 with code 63.',
    says: '401 was told in 2022; others tell of 63.',
  },
  'v1-suspended-follows': {
    values: ['401', '404'],
    decides:
      '`followers/ids`, `friends/ids` and the lists of a suspended account: 401 `Not authorized.`, or 404 with code 34.',
    says: 'Both are told.',
  },
  'v1-status-of-suspended': {
    values: ['63', '144'],
    decides: '`statuses/show` of a post whose author is suspended: 403 with code 63, or 404 with code 144.',
    says: 'Both are told.',
  },
  'v1-invalid-token': {
    values: ['401', '403'],
    decides: 'The status of code 89, `Invalid or expired token.`',
    says: 'The table of codes says 403; answers that were seen are 401.',
  },
  'v1-own-replies': {
    values: ['excluded', 'kept'],
    decides: 'Whether `exclude_replies` of `statuses/user_timeline` leaves out replies to oneself, too.',
    says: 'Nobody says.',
  },
  'failed-code': {
    values: ['good', 'spent'],
    decides: 'Whether an OAuth 2 code can be used again after a failed try to exchange it.',
    says: 'Nobody says.',
  },
} as const satisfies Readonly<Record<string, Point>>;
