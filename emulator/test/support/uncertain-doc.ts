/** Writes `docs/uncertain.md` from the tables in `src/uncertain/`: `node emulator/test/support/uncertain-doc.ts`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { POINT_NAMES } from '../../src/uncertain/choices.ts';
import { FLAGGED } from '../../src/uncertain/flagged.ts';
import { POINTS } from '../../src/uncertain/points.ts';

export const UNCERTAIN_DOC: string = fileURLToPath(new URL('../../docs/uncertain.md', import.meta.url));

/** The whole page. */
export function uncertainDoc(): string {
  const switches = POINT_NAMES.map((name) => {
    const { values, decides, says } = POINTS[name];
    const [usual, ...others] = values;
    return `| \`${name}\` | **${usual}**, ${others.join(', ')} | ${decides} | ${says} |`;
  });
  const flags = FLAGGED.map(({ flag, decides, says }) => `| \`${flag}\` | ${decides} | ${says} |`);
  return [BEGINNING, ...switches, FLAGS, ...flags, WITHOUT].join('\n');
}

const BEGINNING = `# Uncertain points

Nobody who wrote this could ask the live platform. Where documents, recordings and programs leave something open, or
contradict each other, the emulator takes the likeliest, and a switch takes the other side. A client that gets on with both
sides of each has nothing to fear. Generated from \`src/uncertain/\` by \`node emulator/test/support/uncertain-doc.ts\`; a test
compares the two.

    bin/mistnet-emulator --uncertain duplicate-rule-status=201 --uncertain usage-numbers=text
    curl -s http://127.0.0.1:4200/_emulator/switches

In a test: \`startEmulator({ uncertain: { 'usage-numbers': 'text' } })\`. A wrong name is answered with all names, a wrong value
with all values. \`GET /_emulator/switches\` gives \`{"switches":[{"name","value","default","values","decides"}],"flags":{…}}\`.

## Switches

| name | values (default first) | decides | what is said |
| --- | --- | --- | --- |`;

const FLAGS = `
## Flags of their own

| flag | decides | what is said |
| --- | --- | --- |`;

const WITHOUT = `
## Without a switch

Depend on none of these:

- **Wording of sentences** in \`detail\` and \`message\`, where no recording shows it: of \`RuleConfigurationIssue\` (409), of rules that a
  schema refuses (\`$.add: …\`), of \`ForceDisconnect\`, \`SlowReader\` and an exhausted plan, of malformed instants and broken tokens.
  Go by status, \`type\`, \`title\`, \`connection_issue\` and \`disconnect_type\`. The path of a \`type\` is certain, its host is not.
- **Status of v1.1's codes** other than 17, 32, 34, 50, 63, 64, 87, 88, 99, 144, 179, 215, 220 and 261, whose pairs are documented.
- **When streams break** and how: order it with [faults](README.md#faults), duplicates and changed order among them.
- **Which partition** holds which post, and with which day a page of \`counts/all\` begins.
- **Compliance jobs**: 15 minutes for the upload and 7 days for the results, 404 for a job that isn't there, what makes one fail.
- **Scopes**: that a missing one is answered with a bare 403.
- **v1.1 search**: that \`OR\` joins less tightly than a space; what it doesn't know counts as words.
`;

if (import.meta.main) writeFileSync(UNCERTAIN_DOC, uncertainDoc());
