/** Uncertain points that have a flag of their own, since they are numbers, or more than one point at a time. */
export const FLAGGED: readonly { readonly flag: string; readonly decides: string; readonly says: string }[] = [
  {
    flag: '--vocabulary',
    decides: 'The names in v2 answers: those of specification 2.166 (tweet), or of 2.167 (post).',
    says: 'All recordings have the old ones; the specification of 2026-08-22 and the newest library have the new ones.',
  },
  {
    flag: '--search-reposts',
    decides: 'Whether words are found in reposts.',
    says: 'Yes until 2026-05-04, no since.',
  },
  {
    flag: '--keepalive-ms',
    decides: 'The longest silence on a stream.',
    says: 'Documents: 20 seconds at most in v2, about 30 in v1.1.',
  },
  {
    flag: '--slot-release-ms',
    decides: 'How long a stream whose client has gone still takes a place.',
    says: 'Minutes, some tell.',
  },
  {
    flag: '--rule-delay-ms',
    decides: 'How long after a change of rules it holds.',
    says: 'About 20 seconds, say documents.',
  },
  {
    flag: '--filter-cap',
    decides: 'How many posts a second `statuses/filter` carries.',
    says: '1 % of all posts, whatever these were.',
  },
  {
    flag: '--access',
    decides: 'Request limits, rules, caps and prices, by level.',
    says: 'See [access.md](access.md), which names the source of each.',
  },
  {
    flag: '--limits',
    decides: 'Each of these numbers by itself.',
    says: 'The monthly cap of pay-per-use is 2 or 3 million posts, by the page of the documents.',
  },
];
