/** Entries of the audit log in words. Pure. */
import { formatMoney } from '../format.ts';

const deeds: Record<string, string> = {
  'account.activate': 'had an account collected again',
  'account.add': 'added accounts',
  'account.deactivate': 'left an account out of collecting',
  'account.forget': 'forgot an account',
  'account.import-names': 'brought in former names of accounts',
  'alert-channel.add': 'added a way to send alerts',
  'alert-channel.test': 'sent a test of alerts',
  'alert-channel.remove': 'removed a way to send alerts',
  'alert-channel.turn': 'turned a way to send alerts on or off',
  'alert-rule.change': 'changed an alert’s rule',
  'alert-rule.reset': 'set an alert’s rule back',
  'alert-settings.change': 'changed how alerts are sent',
  'alert.acknowledge': 'acknowledged an alert',
  'backup.note': 'noted a backup',
  'budget.set': 'set a budget',
  'collection.change': 'changed a collection',
  'collection.create': 'made a collection',
  'collection.delete': 'deleted a collection',
  'collection.filter': 'changed what a collection asks for',
  'collection.import': 'brought files into a collection',
  'collection.rebuild': 'had a collection loaded anew',
  'collection.share': 'changed who sees a collection',
  'collection.start': 'started a collection',
  'collection.stop': 'stopped a collection',
  'credential.add': 'added a key',
  'credential.level': 'said what was bought with a key',
  'credential.pause': 'paused a key',
  'credential.probe': 'tried a key',
  'credential.remove': 'removed a key',
  'credential.resume': 'had a key used again',
  'export.ask': 'asked for an export',
  'export.cancel': 'cancelled an export',
  'export.print': 'exported to the standard output',
  'hydration.ask': 'handed over a list of ids',
  'hydration.cancel': 'stopped a list of ids',
  'hydration.recheck': 'had a list of ids asked for once more',
  'hydration.resume': 'went on with a list of ids',
  'job.cancel': 'cancelled a job',
  'job.retry': 'put a job in line again',
  'node.forget': 'forgot a node',
  'node.restart': 'restarted a role',
  'price.set': 'set a price',
  'session.end': 'signed out',
  'session.start': 'signed in',
  'sign-in.fail': 'was refused at sign-in',
  'sign-in.return': 'came back from a service',
  'sign-in.throttled': 'tried to sign in too often',
  'token.add': 'made an API token',
  'token.revoke': 'revoked an API token',
  'user.activate': 'let a user in again',
  'user.add': 'added a user',
  'user.add-second-factor': 'set up a second factor',
  'user.ask-reset': 'asked for a new password by mail',
  'user.change-password': 'changed the password',
  'user.deactivate': 'deactivated a user',
  'user.grant': 'changed a role',
  'user.invite': 'invited somebody',
  'user.link': 'linked an account of a service',
  'user.offer-reset': 'offered a new password',
  'user.remove-second-factor': 'removed a second factor',
  'user.rename': 'changed a name',
  'user.reset-password': 'set a new password',
  'user.unlink': 'unlinked an account of a service',
  'user.withdraw-invitation': 'withdrew an invitation',
};

/** `stopped a collection` of `collection.stop`; without a thing of its own that a page is about: `stopped it`. */
export function auditWords(action: string, { ofIt = false }: { ofIt?: boolean } = {}): string {
  const words = deeds[action] ?? action.replaceAll(/[.-]/g, ' ');
  return ofIt ? words.replace(/ a collection( asks for)?$/, ' it$1').replace('set a budget', 'set its budget') : words;
}

/** Whoever did it without signing in has no name: there stands what let them in. */
export function whoWords(who: string, via: string): string {
  if (who === 'loopback' && via === 'loopback') return 'this machine (without sign-in)';
  if (who === 'none' && via === 'none') return 'somebody (without sign-in)';
  return who;
}

/** `collection birds` of the budget `collection:birds`; nothing of what has a number alone. */
export function targetWords(action: string, target: string | null): string {
  if (target === null || action === 'alert.acknowledge') return '–';
  if (action !== 'budget.set') return target;
  return target === 'all' ? 'all together' : target.replace(':', ' ');
}

const names: Record<string, string> = {
  monthlyMicros: 'a month',
  budgetMicros: 'budget a month',
  keep: 'posts stay',
  addSeeds: 'added',
  removeSeeds: 'taken out',
};

/** `posts stay: days:30, reason: too many`; nothing of no details. */
export function detailWords(details: Record<string, unknown>): string {
  return Object.entries(details)
    .map(([name, value]) => (name === 'stage' ? String(value) : `${names[name] ?? name}: ${valueWords(name, value)}`))
    .join(', ');
}

function valueWords(name: string, value: unknown): string {
  if (name.endsWith('Micros')) return typeof value === 'number' ? formatMoney(value) : 'no limit';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((each) => valueWords('', each)).join(' and ');
  if (value !== null && typeof value === 'object') return Object.values(value).map(String).join(' ');
  return value === null ? 'none' : JSON.stringify(value);
}
