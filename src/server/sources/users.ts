/** What the routes of users, sign-in and sharing ask of the system. */
import { timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../core/time.ts';
import type { Mailer } from '../../platforms/mail/send-mail.ts';
import type { Database } from '../../store/db.ts';
import * as tokens from '../../store/users/api-tokens.ts';
import * as auditLog from '../../store/users/audit-log.ts';
import * as rights from '../../store/users/collection-rights.ts';
import * as links from '../../store/users/sign-in-links.ts';
import * as ways from '../../store/users/sign-in-ways.ts';
import * as throttle from '../../store/users/sign-in-throttle.ts';
import * as users from '../../store/users/users.ts';
import type { DatabaseCallers } from '../auth/database-callers.ts';
import type { SignInDesk } from '../auth/sign-in-desk.ts';

export type UserSources = ReturnType<typeof userSourcesOn>;
/** `on`: likewise inside a transaction. */
export type OpenUsers = UserSources & { on(place: Database): UserSources };

export type UserSourcesOptions = {
  db: Database;
  clock: Clock;
  desk: SignInDesk;
  callers: DatabaseCallers;
  /** The page's address without `/` at its end; undefined: where the browser says it is. */
  publicUrl: string | undefined;
  /** What whoever is not at this machine must know to make the first administrator. */
  setupCode: string;
  isDemo: boolean;
  mailer: Mailer | undefined;
};

export function userSources(options: UserSourcesOptions): OpenUsers {
  return { ...userSourcesOn(options), on: (place) => userSourcesOn({ ...options, db: place }) };
}

/** Whatever changes who may do what makes this server forget what it knew; other servers notice within a second. */
function userSourcesOn(options: UserSourcesOptions) {
  const { db, clock, callers, setupCode, mailer } = options;
  const changing = async <T>(change: Promise<T>): Promise<T> => {
    try {
      return await change;
    } finally {
      callers.forget();
    }
  };
  return {
    desk: options.desk,
    publicUrl: options.publicUrl,
    isDemo: options.isDemo,
    hasUsers: () => callers.hasUsers(),
    forget: () => callers.forget(),
    isSetupCode: (code: string) => sameText(plainCode(code), plainCode(setupCode)),

    listUsers: () => users.listUsers(db),
    findUser: (who: string) => users.findUser(db, who),
    addFirstUser: (wish: Omit<users.NewUser, 'role'>) => changing(users.addFirstUser(db, clock, wish)),
    addUser: (wish: users.NewUser) => changing(users.addUser(db, clock, wish)),
    setRole: (who: string, role: users.UserRole) => changing(users.setRole(db, who, role)),
    setActive: (who: string, active: boolean) => changing(users.setActive(db, clock, who, active)),
    setPassword: (who: string, password: string, keptSession?: string) =>
      changing(users.setPassword(db, clock, who, password, keptSession)),
    rename: (who: string, name: string) => changing(users.renameUser(db, who, name)),
    removeSecondFactor: (who: string) => changing(users.removeSecondFactor(db, who)),
    isPasswordOf: (userId: string, password: string) => ways.isPasswordOf(db, userId, password),
    /** The demo's administrator, made when needed. */
    demoUser: () => users.demoUser(db, clock),

    invite: (wish: Parameters<typeof links.invite>[2]) => links.invite(db, clock, wish),
    readInvitation: (token: string) => links.readInvitation(db, clock, token),
    listInvitations: () => links.listInvitations(db, clock),
    withdrawInvitation: (email: string) => links.withdrawInvitation(db, email),
    makeReset: (wish: Parameters<typeof links.makeReset>[2]) => links.makeReset(db, clock, wish),
    readReset: (token: string) => links.readReset(db, clock, token),
    /** In one transaction with what it is spent on, so that it stays good when that fails. Throws `link.unknown`. */
    spendLink: (token: string) => links.spendLink(db, clock, token),
    hasMail: mailer !== undefined,
    send: async (mail: { to: string; subject: string; text: string }) => mailer?.send(mail),

    listTokens: (userId: string) => tokens.listTokens(db, clock, userId),
    makeToken: (wish: Parameters<typeof tokens.makeToken>[2]) => changing(tokens.makeToken(db, clock, wish)),
    revokeToken: (userId: string, tokenId: string) => changing(tokens.revokeToken(db, clock, userId, tokenId)),

    listSessions: (userId: string) => ways.listSessions(db, clock, userId),
    endSession: (userId: string, sessionId: string) => changing(ways.endSession(db, userId, sessionId)),
    listLinked: (userId: string) => ways.listLinked(db, userId),
    unlink: (userId: string, provider: string) => changing(ways.unlink(db, userId, provider)),

    beginAttempt: (attempt: throttle.Attempt) => throttle.beginAttempt(db, clock, attempt),
    forgiveAttempt: (attempt: throttle.Attempt) => throttle.forgiveAttempt(db, attempt),

    readSharing: (collection: string) => rights.readSharing(db, collection),
    setSharing: (collection: string, wish: Parameters<typeof rights.setSharing>[2]) =>
      changing(rights.setSharing(db, collection, wish)),
    listPeople: () => rights.listPeople(db),

    addAudit: (entry: auditLog.AuditEntry) => auditLog.addAuditEntry(db, clock, entry),
    listAudit: (query: auditLog.AuditQuery) => auditLog.listAuditEntries(db, query),
  };
}

function plainCode(code: string): string {
  return code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}

function sameText(a: string, b: string): boolean {
  const [first, second] = [Buffer.from(a), Buffer.from(b)];
  return first.length === second.length && timingSafeEqual(first, second);
}
