/**
 * The import rule. A file may import from its own folder and from folders before it in FLOW; the rules below derive from
 * that one list and from the two files that stand beside the folders: `compose.ts` sees everything, only `cli` calls it.
 * `test/house/import-rule.test.ts` plants one violation of each rule and expects it to be found.
 */

/** The order in which data flows through `src/`. */
export const FLOW = [
  'core',
  'platforms',
  'capture',
  'archive',
  'store',
  'sinks',
  'process',
  'share',
  'jobs',
  'server',
  'cli',
];

const after = (folder) => FLOW.slice(FLOW.indexOf(folder) + 1).join('|');
const rule = (name, from, to) => ({ name, severity: 'error', from, to });
// A package as it is found, as its types alone, or as the bare name of one that isn't installed.
const packages = (names) => `(^|node_modules/)(@types/)?(${names})(/|$)`;

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    rule('no-cycle', {}, { circular: true }),
    // A path that leads nowhere would slip through every other rule.
    rule('every-import-resolves', {}, { couldNotResolve: true }),
    ...FLOW.slice(0, -1).map((folder) =>
      rule(`${folder}-imports-upstream-only`, { path: `^src/${folder}/` }, { path: `^src/(${after(folder)})/` }),
    ),
    rule('every-folder-has-its-place', { path: `^src/(?!(${FLOW.join('|')})/)[^/]+/` }, {}),
    rule('server-and-cli-are-siblings', { path: '^src/cli/' }, { path: '^src/server/' }),
    rule(
      'platforms-are-siblings',
      { path: '^src/platforms/([^/]+)/' },
      { path: '^src/platforms/[^/]+/', pathNot: '^src/platforms/$1/' },
    ),
    rule(
      'sql-only-in-store',
      { path: '^(src|emulator|web)/', pathNot: '^src/store/|^src/compose[.]ts$' },
      { path: packages('pg|pg-[^/]+|kysely'), pathNot: packages('pg-boss') },
    ),
    rule(
      'queue-only-in-jobs',
      { path: '^(src|emulator|web)/', pathNot: '^src/jobs/|^src/compose[.]ts$' },
      { path: packages('pg-boss') },
    ),
    rule(
      'only-cli-and-compose-read-config',
      { path: '^src/', pathNot: '^src/cli/|^src/(compose|config)([.]test)?[.]ts$' },
      { path: '^src/config[.]ts$' },
    ),
    rule(
      'only-cli-composes',
      { path: '^src/', pathNot: '^src/cli/|^src/compose([.]test)?[.]ts$' },
      { path: '^src/compose[.]ts$' },
    ),
    rule('product-stands-alone', { path: '^src/' }, { path: '^(emulator|web|test|bench)/' }),
    rule('judge-and-browser-stand-alone', { path: '^(emulator|web)/' }, { path: '^(src|test|bench)/' }),
    rule('workspaces-are-strangers', { path: '^(emulator|web)/' }, { path: '^(emulator|web)/', pathNot: '^$1/' }),
  ],
  options: {
    // Types count: an import that is erased still says who must know whom.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'browser', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.css', '.d.ts'],
    },
  },
};
