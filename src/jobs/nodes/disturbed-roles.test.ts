import { describe, expect, it } from 'vitest';
import { disturbedRoles } from './disturbed-roles.ts';
import type { RolesFile } from './look-at-node.ts';

const KILLED = { at: '2026-03-01T12:00:00.000Z', how: 'killed by SIGKILL' };
const NOW = Date.parse('2026-03-01T12:00:10.000Z');

function fileWith(role: Partial<RolesFile['roles'][number]>): RolesFile {
  const well = { role: 'worker', state: 'running', pid: 7, startedAt: null, restarts: 0, lastExit: null } as const;
  return { pid: 1, startedAt: '2026-03-01T11:00:00.000Z', roles: [{ ...well, nextTryAt: null, ...role }] };
}

describe('disturbed roles', () => {
  it('are none where all run, at a first start, at the end, and where nobody supervises', () => {
    expect(disturbedRoles(fileWith({}), NOW)).toEqual([]);
    expect(disturbedRoles(fileWith({ state: 'starting' }), NOW)).toEqual([]);
    expect(disturbedRoles(fileWith({ state: 'ended', lastExit: KILLED }), NOW)).toEqual([]);
    expect(disturbedRoles(undefined, NOW)).toEqual([]);
  });

  it('are away until they say that they work', () => {
    const away = { role: 'worker', state: 'away', endedAt: KILLED.at, how: KILLED.how };
    const nextTryAt = '2026-03-01T12:00:12.000Z';
    expect(disturbedRoles(fileWith({ state: 'waiting', lastExit: KILLED, nextTryAt }), NOW)).toEqual([
      { ...away, nextTryAt },
    ]);
    expect(disturbedRoles(fileWith({ state: 'starting', lastExit: KILLED }), NOW)).toEqual([
      { ...away, nextTryAt: null },
    ]);
  });

  it('are back for a minute after they began anew', () => {
    const since = (startedAt: string) => disturbedRoles(fileWith({ lastExit: KILLED, startedAt }), NOW);
    expect(since('2026-03-01T12:00:02.000Z')).toMatchObject([{ state: 'back', endedAt: KILLED.at }]);
    expect(since('2026-03-01T11:59:10.000Z')).toEqual([]);
  });

  it('are not spoken of any more once they are back as a person asked', () => {
    const asked = { ...KILLED, how: 'asked for' };
    expect(disturbedRoles(fileWith({ state: 'starting', lastExit: asked }), NOW)).toHaveLength(1);
    expect(disturbedRoles(fileWith({ lastExit: asked, startedAt: asked.at }), NOW)).toEqual([]);
  });
});
