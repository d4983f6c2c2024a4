import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLogTail, redact } from './log-tail.ts';

describe('the end of a log', () => {
  it('holds no secrets and no addresses of people', () => {
    expect(redact('authorization: Bearer AAAA%2Fbb1234')).not.toContain('AAAA');
    expect(redact('{"bearer_token":"abc123","x":1}')).toBe('{"bearer_token":"<redacted>","x":1}');
    expect(redact('connect postgres://me:pw@host:5432/db')).toBe('connect postgres://<redacted>@host:5432/db');
    expect(redact('mail to ada.l+x@example.org failed')).toBe('mail to <address> failed');
    expect(redact('{"event":"segment.sealed","bytes":12}')).toBe('{"event":"segment.sealed","bytes":12}');
  });

  it('is bounded, begins with a whole line, and leads to no other file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mistnet-log-'));
    try {
      const lines = Array.from({ length: 5_000 }, (_, at) => `line ${at} ${'x'.repeat(50)}`);
      await writeFile(join(folder, 'worker.log'), `${lines.join('\n')}\n`);
      const tail = await readLogTail(folder, 'worker');
      expect(tail?.lines).toEqual(lines.slice(-300));
      expect(tail?.isCut).toBe(true);
      expect(await readLogTail(folder, 'server')).toBeUndefined();
      expect(await readLogTail(folder, '../worker')).toBeUndefined();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
