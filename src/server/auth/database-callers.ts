/** Callers and their rights from the database: API tokens, sessions, and this machine while that is enough. */
import type { FastifyRequest } from 'fastify';
import type { Clock } from '../../core/time.ts';
import type { Database } from '../../store/db.ts';
import { TOKEN_PREFIX, useToken } from '../../store/users/api-tokens.ts';
import { collectionExists, rightTo, visibleCollections } from '../../store/users/collection-rights.ts';
import { DEMO_EMAIL, hasUsers } from '../../store/users/users.ts';
import { type Access, type Caller, type CallerSource, effectiveRole, type Scope, type Sight } from '../caller.ts';
import { mayCall } from '../permissions.ts';
import { askSource } from '../source-call.ts';
import { recentAnswers } from './recent-answers.ts';
import type { SignInDesk } from './sign-in-desk.ts';
import { isDirectlyLocal, visitOf } from './visit.ts';

/** What was found is believed for so long; a change made by this server counts at once. */
const MAX_AGE_MS = 1_000;

const nobody: Caller = { role: 'nobody', via: 'none' };
const visitor: Caller = { role: 'viewer', via: 'loopback' };

export type DatabaseCallers = CallerSource & {
  /** What was found before counts no more. */
  forget(): void;
  hasUsers(): Promise<boolean>;
};

export function databaseCallers(options: {
  db: Database;
  clock: Clock;
  desk: SignInDesk;
  publicUrl: string | undefined;
  /** Invented data: whoever sits at this machine may always look. */
  isDemo: boolean;
}): DatabaseCallers {
  const { db, clock, desk, publicUrl, isDemo } = options;
  const recent = <T>(ask: (key: string) => Promise<T>) => recentAnswers<T>({ ask, clock, maxAgeMs: MAX_AGE_MS });
  let seenUsers = false;
  const users = recent(async () => {
    // Users are never deleted.
    seenUsers ||= await askSource(hasUsers(db));
    return seenUsers;
  });
  const tokens = recent((secret) => askSource(useToken(db, clock, secret)));
  const rights = recent((key) => {
    const [userId = '', collection = ''] = key.split(' ');
    return askSource(rightTo(db, userId, collection));
  });
  const sights = recent((userId) => askSource(visibleCollections(db, userId)));
  const existing = recent((collection) => askSource(collectionExists(db, collection)));
  let visits = new Map<string, FastifyRequest>();
  const sessions = recent(async (key) => {
    const request = visits.get(key);
    if (request === undefined) return undefined;
    const { value } = await askSource(desk.session(visitOf(request, publicUrl), { renew: false }));
    return value;
  });

  async function sessionCaller(request: FastifyRequest): Promise<Caller | undefined> {
    const { cookie = '', host = '' } = request.headers;
    if (!cookie.includes('session_token=')) return undefined;
    const key = `${host} ${cookie}`;
    visits.set(key, request);
    try {
      const session = await sessions.get(key);
      if (session === undefined) return undefined;
      const { userId, name, email, role } = session.user;
      return { role, via: 'session', user: { userId, name, email }, sessionId: session.sessionId };
    } finally {
      visits.delete(key);
    }
  }

  async function tokenCaller(secret: string): Promise<Caller> {
    const owner = await tokens.get(secret);
    if (owner === undefined) return nobody;
    const { userId, name, email, role, scopes } = owner;
    return { role, via: 'token', user: { userId, name, email }, scopes: scopes as Scope[] };
  }

  return {
    async callerOf(request) {
      const [, secret] = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
      const isOurs = secret?.startsWith(TOKEN_PREFIX) === true;
      const known = secret === undefined ? await sessionCaller(request) : isOurs ? await tokenCaller(secret) : nobody;
      if (known !== undefined && (isDemo || known.user?.email !== DEMO_EMAIL)) return known;
      if (isDirectlyLocal(request, publicUrl) && (isDemo || !(await users.get('')))) return visitor;
      return nobody;
    },
    async accessTo(caller, collection): Promise<Access> {
      const role = effectiveRole(caller);
      if (caller.user === undefined || role === 'administrator') {
        if (role === 'nobody' || !(await existing.get(collection))) return 'none';
        return role === 'administrator' ? 'own' : 'view';
      }
      const right = (await rights.get(`${caller.user.userId} ${collection}`)) ?? 'none';
      return right === 'none' || mayCall(role, 'collector') ? right : 'view';
    },
    async sightOf(caller): Promise<Sight> {
      const role = effectiveRole(caller);
      if (role === 'nobody') return new Set();
      if (caller.user === undefined || role === 'administrator') return 'all';
      return await sights.get(caller.user.userId);
    },
    forget() {
      for (const each of [users, tokens, rights, sights, existing, sessions]) each.clear();
      visits = new Map();
    },
    hasUsers: () => users.get(''),
  };
}
