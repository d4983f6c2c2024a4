/** `mistnet demo` and `npm start` as a newcomer meets them: in a pipe, on a terminal, ended in every way. */
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startEmulator } from '../support/system/emulator.ts';
import {
  addCollection,
  loggedErrors,
  rolePid,
  servedAt,
  startMistnet,
  towards,
  whenServing,
} from '../support/system/mistnet.ts';
import { signalProcess } from '../support/system/processes.ts';
import { until } from '../support/system/until.ts';
import { MISTNET, openWorkbench, type Program, projectRoot } from '../support/system/workbench.ts';

const hasScript = ['/usr/bin/script', '/bin/script'].some((path) => existsSync(path));
const ENDED = /Ended\. Everything is sealed; nothing runs any more\./;
const END_MS = 20_000;

describe('mistnet demo', () => {
  it('shows posts on a page, and does so again in the same home after a SIGTERM', async () => {
    await using bench = await openWorkbench();
    const first = await startMistnet(bench, {}, ['demo']);
    const { captured } = await first.statusIs(
      'demo',
      'posts',
      ({ state, captured, loaded }) => state === 'connected' && captured > 100 && loaded > 0,
    );
    const page = await fetch(first.url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<div id="root">');
    expect(first.program.said).toMatch(
      /Posts {5}http:\/\/127\.0\.0\.1:\d+ makes 50 a second; the collection is named demo/,
    );
    expect(first.program.said).toContain(join(bench.home, 'segments/demo'));
    await first.program.hears(/^demo: connected · .* posts\/s · .* captured · .* loaded/m);
    const end = await first.stop(END_MS);
    expect(end.stderr).toMatch(ENDED);
    expect(end.stderr).not.toMatch(/does not answer|unexpectedly/);
    expect(end.stdout).toBe('');
    await bench.allGone(2000);

    const second = await startMistnet(bench, {}, ['demo']);
    await second.statusIs('demo', 'more posts', (status) => status.state === 'connected' && status.captured > captured);
    await second.stop(END_MS);
    expect(await loggedErrors(bench)).toEqual([]);
    await bench.allGone(2000);
  });

  it('ends in order although Ctrl-C reaches npm, its shell and all of the foreground, twice', async () => {
    await using bench = await openWorkbench();
    const npm = bench.start('npm', ['start'], { cwd: projectRoot, detached: true });
    const demo = await whenServing(npm);
    await demo.statusIs('demo', 'posts', ({ captured }) => captured > 50);
    const capture = await rolePid(bench, 'capture');
    // As the terminal does: to the whole foreground group. Impatient people press it twice.
    process.kill(-npm.pid, 'SIGINT');
    await npm.hears(/Ending: /);
    process.kill(-npm.pid, 'SIGINT');
    const { stderr } = await npm.ended;
    expect(stderr).toMatch(ENDED);
    expect(stderr).not.toMatch(/Forced|unexpectedly|npm ERR|npm error/);
    await bench.allGone(2000);
    expect(capture).toBeGreaterThan(0);
    const files = await readdir(join(bench.home, 'segments/demo'), { recursive: true });
    expect(files.filter((name) => /\d\.jsonl$/.test(name))).toEqual([]);
    expect(files.some((name) => name.endsWith('.jsonl.zst'))).toBe(true);
  });

  it('is forced by Ctrl-C once more after two seconds, when a part of it hangs; the next start recovers', async () => {
    await using bench = await openWorkbench();
    const demo = await startMistnet(bench, {}, ['demo']);
    const { captured } = await demo.statusIs('demo', 'posts', ({ captured }) => captured > 50);
    signalProcess(await rolePid(bench, 'capture'), 'SIGSTOP');
    await until(
      'the end of the demo',
      () => {
        signalProcess(demo.program.pid, 'SIGINT');
        return demo.program.child.exitCode !== null;
      },
      { everyMs: 300 },
    );
    expect(demo.program.said).toMatch(/Forced: /);
    await bench.allGone(2000);
    const again = await startMistnet(bench, {}, ['demo']);
    await again.statusIs(
      'demo',
      'all of before',
      (status) => status.state === 'connected' && status.captured > captured,
    );
    await again.stop(END_MS);
    await bench.allGone(2000);
  });

  it('ends in order at a signal that comes while it is starting', async () => {
    await using bench = await openWorkbench();
    // The emulator comes first, then PostgreSQL is made, then the roles begin.
    for (const process of [/emulator\/src\/main\.ts/, /initdb/, /role capture/]) {
      await rm(bench.home, { recursive: true, force: true });
      const demo = bench.start(MISTNET, ['demo']);
      await until(
        `a process like ${process}`,
        async () => (await bench.processes()).some(({ command }) => process.test(command)),
        { everyMs: 10 },
      );
      signalProcess(demo.pid, 'SIGINT');
      const end = await demo.ended;
      expect(end, end.stderr).toMatchObject({ code: 0, signal: null });
      expect(end.stderr).not.toMatch(/report it|\n +at /);
      await bench.allGone(5000);
    }
  });

  it('brings back a server and an emulator that were killed', async () => {
    await using bench = await openWorkbench();
    const demo = await startMistnet(bench, {}, ['demo']);
    await demo.statusIs('demo', 'posts', ({ captured }) => captured > 50);
    signalProcess(await rolePid(bench, 'server'), 'SIGKILL');
    const [, again = ''] = await demo.program.hears(/The server ended unexpectedly[\s\S]*Page +(http:\S+)/);
    const emulator = (await bench.processes()).find(({ command }) => command.includes('emulator/src/main.ts'));
    const { captured } = await servedAt(demo.program, again).status('demo');
    signalProcess(emulator?.pid ?? 0, 'SIGKILL');
    await demo.program.hears(/The emulator ended unexpectedly; starting it again/);
    await servedAt(demo.program, again).statusIs(
      'demo',
      'posts again',
      (status) => status.state === 'connected' && status.captured > captured + 100,
    );
    expect(demo.program.said.match(/the collection is named demo/g)).toHaveLength(1);
    await demo.stop(END_MS);
    await bench.allGone(2000);
  });
});

describe('mistnet demo and real collections in one home', () => {
  it('are kept apart: a start does not go on with the demo, and the demo says what it would mix', async () => {
    await using bench = await openWorkbench();
    const demo = await startMistnet(bench, {}, ['demo']);
    await demo.statusIs('demo', 'posts', ({ captured }) => captured > 50);
    await demo.stop(END_MS);

    const platform = await startEmulator(bench, []);
    const env = towards(platform);
    await addCollection(bench, 'real', env);
    const start = await startMistnet(bench, env);
    await start.statusIs('real', 'posts', ({ captured }) => captured > 50);
    await start.statusIs('demo', 'its stop', ({ state }) => state === 'stopped');
    expect(await platform.connections()).toHaveLength(1);
    await start.stop();

    const again = await startMistnet(bench, {}, ['demo']);
    expect(again.program.said).toMatch(/Careful: invented posts come into "real" too\./);
    await again.statusIs('demo', 'posts', ({ state }) => state === 'connected');
    await again.stop(END_MS);
  });
});

describe('mistnet demo on a terminal', () => {
  it('shows a living line, builds the running hour at d, and ends at Ctrl-C', async ({ skip }) => {
    skip(!hasScript, 'there is no program "script" here to make a terminal');
    await using bench = await openWorkbench();
    const terminal = bench.start(
      'script',
      ['--quiet', '--flush', '--return', '--command', `"${MISTNET}" demo`, '/dev/null'],
      { stdin: 'open' },
    );
    const demo = await whenServing(terminal);
    expect(terminal.printed).toContain("d builds the running hour's dataset, Ctrl-C ends everything");
    await demo.statusIs('demo', 'posts', ({ loaded }) => loaded > 100);
    await terminal.hears(/\r.\[Kdemo: connected · /);
    press(terminal, 'd');
    await terminal.hears(/Building the dataset of \d{4}-\d\d-\d\dT\d\dZ as far as it goes/);
    const [, day = '', name = ''] = await terminal.hears(
      /datasets\/demo\/(\d{4}-\d\d-\d\d)[\s\S]*?(\d{4}-\d\d-\d\d_\d\d_tweets\.csv\.xz)/,
    );
    expect(existsSync(join(bench.home, 'datasets/demo', day, name))).toBe(true);
    press(terminal, '\x03');
    await terminal.hears(ENDED, END_MS);
    expect(await terminal.ended).toMatchObject({ code: 0 });
    expect(terminal.printed).not.toMatch(/unexpectedly|does not answer/);
    await bench.allGone(2000);
  });
});

function press(terminal: Program, key: string): void {
  terminal.child.stdin?.write(key);
}
