import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../core/time.ts';
import { buildServer } from './build-server.ts';
import { everybodyViews } from './caller.ts';
import { describedSources } from './described-sources.ts';
import { leastRoleByRoute, mayCall, type Role, roles, routeKey } from './permissions.ts';

async function serverFor(role: Role) {
  const app = await buildServer({
    ...{ sources: describedSources(), datasetsFolder: '/nowhere', webFolder: '/nowhere', version: '0.0.0' },
    ...{ allowedHosts: [], clock: systemClock, log: pino({ level: 'silent' }) },
    callers: { ...everybodyViews, callerOf: async () => ({ role, via: role === 'nobody' ? 'none' : 'session' }) },
  });
  return { app, [Symbol.asyncDispose]: () => app.close() };
}

describe('permissions', () => {
  it('grow with the role', () => {
    for (const [index, role] of roles.entries())
      for (const [needed, leastRole] of roles.entries()) expect(mayCall(role, leastRole)).toBe(index >= needed);
  });

  it('are held by the server, route by route and role by role', async () => {
    for (const role of roles) {
      await using server = await serverFor(role);
      for (const [key, leastRole] of Object.entries(leastRoleByRoute)) {
        if (key.endsWith('/events')) continue; // have no end; the refusal is checked below
        const [method, pattern = ''] = key.split(' ');
        const path = pattern.replace('*', 'x').replaceAll(/:\w+/g, 'x');
        const { body } = await server.app.inject({ method: method as 'GET', url: path });
        const isDenied = body.includes('This needs the role') || body.includes('Sign in first, or send');
        expect(isDenied, `${role} ${key}`).toBe(!mayCall(role, leastRole));
      }
    }
    await using server = await serverFor('nobody');
    expect((await server.app.inject({ url: '/api/v1/events' })).statusCode).toBe(401);
    expect((await server.app.inject({ method: 'HEAD', url: '/api/v1/status' })).statusCode).toBe(401);
  });

  it('list each route that there is, and no other', async () => {
    await using server = await serverFor('viewer');
    await server.app.ready();
    const missing = Object.keys(leastRoleByRoute).filter((key) => {
      const [method = '', url = ''] = key.split(' ');
      return !server.app.hasRoute({ method: method as 'GET', url });
    });
    expect(missing).toEqual([]);
    expect(routeKey('HEAD', '/x')).toBe('GET /x');
  });

  it('keep a server from being built with a route that they do not list', async () => {
    await using server = await serverFor('viewer');
    expect(() => server.app.get('/api/v1/unlisted', async () => ({}))).toThrow('lacks GET /api/v1/unlisted');
  });
});
