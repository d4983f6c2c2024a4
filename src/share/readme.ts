/** The page that goes with an export, for whoever opens the folder in ten years. */
import type { CollectionGap, DescribeOptions } from './export-facts.ts';
import { MANIFEST_NAME } from './export-manifest.ts';
import type { ExportRequest, ExportSearch } from './export-request.ts';
import { minutes } from './gaps-csv.ts';

export type ReadmeFacts = DescribeOptions & {
  collections: string[];
  gaps: CollectionGap[];
  uncoveredMs: number;
  /** Posts that fitted and were not delivered, by the platform's own count. */
  heldBack: { collection: string; posts: number }[];
  states: { state: string; accounts: number }[];
};

export function readme(facts: ReadmeFacts): string {
  const { name, parts, total, asOf, version } = facts;
  return `${[
    `# ${name}`,
    `${number(total)} ${facts.request.observations === 'all' ? 'captures of posts' : 'posts'}, exported by mistnet ${version} as of ${asOf}.`,
    ...section('What was asked for', queryLines(facts.request)),
    ...section('Files', [
      ...parts.map(({ file, rows, bytes }) => `\`${file}\`: ${number(rows)} rows, ${number(bytes)} bytes`),
      '`data-dictionary.csv`, `data-dictionary.md`: what each column says',
      '`gaps.csv`: when nothing was heard, and how much of it is missing for good',
      `\`${MANIFEST_NAME}\`: sizes and SHA-256 of all files, the query, the counts, for programs`,
    ]),
    ...section('Counts and times', countLines(facts)),
    ...section('Gaps', [...gapLines(facts), ...heldBackLines(facts)]),
    ...section('Deleted posts and accounts', deletionLines(facts)),
    ...section('Reading it', readingLines(facts)),
    '## Citing it',
    `> ${facts.collections.length > 0 ? `Posts of ${facts.collections.join(', ')}` : 'Posts'}${spanText(facts)}. ${number(total)} rows. Collected and exported with mistnet ${version}, ${asOf.slice(0, 10)}, export "${name}".`,
    `Name the SHA-256 of \`${MANIFEST_NAME}\` with it, and it can be told apart from every other.`,
  ].join('\n\n')}\n`;
}

function section(title: string, lines: string[]): string[] {
  return [`## ${title}`, lines.map((line) => `- ${line}`).join('\n')];
}

function queryLines(request: ExportRequest): string[] {
  const {
    from,
    format,
    preset,
    postedFrom,
    postedTo,
    capturedFrom,
    capturedTo,
    search,
    observations,
    split,
    excelSafe,
  } = request;
  const hasColumns = format !== 'jsonl' && format !== 'ids';
  return [
    sourceText(from),
    ...(search === undefined
      ? []
      : [
          `of these, what the text index found by ${searchText(search)}; a post that was loaded but not indexed yet when this was made is not among them`,
        ]),
    windowText('posted', postedFrom, postedTo),
    windowText('captured', capturedFrom, capturedTo),
    observations === 'newest'
      ? 'one row a post, with the counts of its newest capture in the window'
      : 'one row a capture: a post met again has another row, with the counts as of then',
    `format ${format}${hasColumns ? `, preset ${preset}` : ''}${excelSafe ? ', made for Excel' : ''}${split === undefined ? '' : `, at most ${number(split)} rows a file`}`,
    `as a program reads it: \`${JSON.stringify(request)}\``,
  ].filter((line) => line !== '');
}

function sourceText(from: ExportRequest['from']): string {
  if (from.kind === 'all') return 'all posts that are stored, of all collections';
  if (from.kind === 'collection')
    return `collection ${from.name}${from.seeds === undefined ? '' : `, of its seeds ${from.seeds.map(({ accountId, handle }) => `${accountId}${handle === null ? '' : ` (@${handle} when it was asked for)`}`).join(', ')} alone`}`;
  if (from.kind === 'set') return `posts of the accounts in the set ${from.name}, from all collections`;
  return `posts of account ${from.accountId}${from.handle === null ? '' : ` (@${from.handle} when it was asked for)`} on ${from.platform}, from all collections`;
}

function searchText({ text, author, hashtag, lang, kind, has, near }: ExportSearch): string {
  return [
    text === undefined ? '' : `the words \`${text.replaceAll('`', "'")}\``,
    author === undefined ? '' : `author ${author}`,
    hashtag === undefined ? '' : `hashtag ${hashtag}`,
    lang === undefined ? '' : `language ${lang}`,
    kind === undefined ? '' : `kind ${kind}`,
    has === undefined ? '' : `having ${has.join(' and ')}`,
    near === undefined ? '' : `written within ${near.km} km of ${near.latitude}, ${near.longitude}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function windowText(what: string, from: string | undefined, to: string | undefined): string {
  if (from === undefined && to === undefined) return '';
  return `${what}${from === undefined ? '' : ` from ${from}`}${to === undefined ? '' : ` until before ${to}`}`;
}

function countLines({ total, stats, collections }: ReadmeFacts): string[] {
  const { posted, captured, counted, altered, cuts, firstCuts } = stats;
  return [
    `${number(total)} rows were written, and as many were counted in the same snapshot of the database by another query`,
    ...(posted === undefined ? [] : [`posted ${posted.first} to ${posted.last}`]),
    ...(captured === undefined ? [] : [`first captured ${captured.first} to ${captured.last}`]),
    ...(counted === undefined
      ? []
      : [
          `counts were taken ${counted.first} to ${counted.last}: likes and followers are those of that moment, not of today`,
        ]),
    ...(collections.length === 0
      ? []
      : [`from the ${collections.length === 1 ? 'collection' : 'collections'} ${collections.join(', ')}`]),
    ...(altered === 0
      ? []
      : [
          `${number(altered)} rows hold text that could not be stored exactly (U+0000 or half a character, U+FFFD now); jsonl has it as it came`,
        ]),
    ...(cuts === 0
      ? []
      : [
          `${number(cuts)} cells were longer than a spreadsheet's 32,767 characters and were cut; ${MANIFEST_NAME} lists ${cuts > firstCuts.length ? `the first ${number(firstCuts.length)}` : 'them'}: ${firstCuts
            .slice(0, 5)
            .map(({ row, id, column, at }) => `row ${row} (post ${id}), ${column}, after ${number(at)}`)
            .join('; ')}${cuts > 5 ? ' …' : ''}`,
        ]),
  ];
}

function gapLines({ gaps, uncoveredMs, collections, stats }: ReadmeFacts): string[] {
  const lasting = gaps.filter((gap) => gap.uncoveredMs > 0);
  if (collections.length === 0) return ['no collection met any of these posts, so nothing is known of gaps'];
  if (gaps.length === 0) return ['no interruption is known of these collections in the window'];
  const longest = lasting.toSorted((a, b) => b.uncoveredMs - a.uncoveredMs).slice(0, 10);
  return [
    `${number(gaps.length)} interruptions, ${number(lasting.length)} of them with time that is missing for good: ${minutes(uncoveredMs)} minutes in all`,
    ...longest.map(
      ({ collection, from, to, uncoveredMs: missing, cause }) =>
        `${collection}: ${from} to ${to}, ${minutes(missing)} minutes missing (${cause})`,
    ),
    ...heardLines(gaps, stats.captured),
    ...(lasting.length > longest.length ? ['all of them are in `gaps.csv`'] : []),
  ];
}

function heldBackLines({ heldBack }: ReadmeFacts): string[] {
  return heldBack.map(
    ({ collection, posts }) =>
      `${collection}: over all its time the platform held back at least ${number(posts)} posts that fitted its stream, by the platform's own count; others may share the stream`,
  );
}

/** How much of the time was listened to: of each collection that was interrupted, between the first capture of these rows and the last. */
function heardLines(gaps: CollectionGap[], captured: { first: string; last: string } | undefined): string[] {
  if (captured === undefined) return [];
  const [firstMs, lastMs] = [Date.parse(captured.first), Date.parse(captured.last)];
  if (lastMs <= firstMs) return [];
  return [...Map.groupBy(gaps, ({ collection }) => collection)].flatMap(([collection, own]) => {
    const within = own.filter(({ from, to }) => Date.parse(from) >= firstMs && Date.parse(to) <= lastMs);
    if (within.length === 0) return [];
    const missing = within.reduce((sum, gap) => sum + gap.uncoveredMs, 0);
    // Down, so that what lacks anything is never said to be whole.
    const percent = Math.max(0, Math.floor((1 - missing / (lastMs - firstMs)) * 10_000) / 100);
    return `${collection}: ${percent} % of the time between the first capture of these rows and the last was heard or back-filled; times when it was stopped on purpose are not taken off`;
  });
}

function deletionLines({ request, withdrawn, states, stats }: ReadmeFacts): string[] {
  const posts = withdrawn.reduce((sum, each) => sum + each.posts, 0);
  const reasons = withdrawn.map((each) => `${number(each.posts)} ${each.reason.replace('_', ' ')}`).join(', ');
  const lines = request.honourDeletions
    ? [
        posts === 0
          ? 'deletions were honoured; of none of these posts is it known that it was deleted, withheld everywhere, or that its author is not public any more'
          : `deletions were honoured: ${number(posts)} posts that are selected were left out (${reasons})`,
        ...(stats.redacted === 0
          ? []
          : [
              `from ${number(stats.redacted)} payloads places, or posts of others, were taken out that their authors took back`,
            ]),
      ]
    : [
        'deletions were not honoured, for it was asked so: do not hand this on',
        ...(posts === 0 ? [] : [`${number(posts)} of the posts may not be shared any more (${reasons})`]),
      ];
  return [
    ...lines,
    'the posts are as they were when they were captured; others may have been deleted or made private without anybody having told. Look the ids up again before you publish anything of a person',
    ...states.map(
      ({ state, accounts }) =>
        `${number(accounts)} of the followed accounts ${accounts === 1 ? 'is' : 'are'} ${state} as of the last check`,
    ),
  ];
}

function readingLines({ request: { format, excelSafe } }: ReadmeFacts): string[] {
  const ids = 'ids have up to 20 digits, more than a number keeps';
  const byFormat: Record<ExportRequest['format'], string[]> = {
    csv: excelSafe
      ? [
          `made for Excel alone: ${ids}, so they stand as ="…"; a text that looks like a formula has an apostrophe before it`,
        ]
      : [
          `UTF-8, LF at the end of lines, quotes where needed; ${ids}: read them as text (\`dtype=str\`, \`col_types = "c"\`)`,
        ],
    tsv: [
      `UTF-8, a tab between columns, quoted as csv is where a cell holds a tab, a quote or a line break; ${ids}: read them as text`,
    ],
    xlsx: [`ids are text cells, for ${ids}; a file has at most 1,048,575 posts`],
    jsonl: ['a line is a JSON object as the platform sent it; newer and older posts may have different fields'],
    parquet: ['ids are VARCHAR, instants TIMESTAMPTZ in UTC'],
    ids: ['an id a line; whoever has access to the platform can look the posts up again'],
  };
  return byFormat[format];
}

function spanText({ stats: { posted } }: ReadmeFacts): string {
  return posted === undefined ? '' : `, ${posted.first.slice(0, 10)} to ${posted.last.slice(0, 10)}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
