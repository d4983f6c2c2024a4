/** Every command of mistnet: by which rows the audit log tells of it, or why it needs none. The house asks for each; the audited ones are run. */

/** What each writes into the audit log when it changes something. */
export const commandDeeds: Readonly<Record<string, readonly string[]>> = {
  'collection add': ['collection.create'],
  'collection start': ['collection.start'],
  'collection stop': ['collection.stop'],
  'collection keep': ['collection.change'],
  'collection credential': ['collection.change'],
  'collection seeds add': ['collection.change'],
  'collection seeds remove': ['collection.change'],
  'collection filter': ['collection.filter'],
  rebuild: ['collection.rebuild'],
  import: ['collection.create', 'collection.import', 'collection.import'],
  'account add': ['account.add', 'account.add'],
  'account import': ['account.add', 'account.add'],
  'account import-names': ['account.import-names', 'account.import-names'],
  'account activate': ['account.activate'],
  'account deactivate': ['account.deactivate'],
  'account delete': ['account.forget'],
  'credential add': ['credential.add'],
  'credential level': ['credential.level'],
  'credential test': ['credential.probe', 'credential.probe'],
  'credential remove': ['credential.remove'],
  permits: ['credential.resume'],
  'budget set': ['budget.set'],
  'budget prices set': ['price.set'],
  'user add': ['user.add'],
  'user grant': ['user.grant'],
  'user deactivate': ['user.deactivate'],
  'user activate': ['user.activate'],
  'user reset-password': ['user.reset-password', 'user.remove-second-factor'],
  'jobs cancel': ['job.cancel'],
  'jobs retry': ['job.retry'],
  'backup note': ['backup.note'],
  export: ['export.ask'],
  'export cancel': ['export.cancel'],
  hydrate: ['hydration.ask', 'hydration.ask'],
  'hydration cancel': ['hydration.cancel'],
  'hydration recheck': ['hydration.recheck'],
  'hydration resume': ['hydration.resume'],
};

/** Those that change nothing that people decided, by the reason. */
export const commandsWithoutDeed: Readonly<Record<string, readonly string[]>> = {
  'it shows what there is': [
    ...['collection list', 'collection show', 'collection seeds list', 'collection runs', 'collection gaps'],
    ...['collection history', 'account list', 'account show', 'account sets', 'credential list', 'user list'],
    ...['jobs list', 'jobs summary', 'jobs show', 'export list', 'export show', 'hydration list', 'hydration show'],
    ...['hydration outcomes', 'urls list', 'budget show', 'budget prices', 'config', 'dataset list', 'segment cat'],
  ],
  'its answer goes to the standard output, and nothing is kept here': [
    ...['sample', 'filter', 'search', 'counts', 'timeline', 'users', 'followers', 'following', 'conversation'],
    ...['quotes', 'reposters', 'dehydrate'],
  ],
  'it makes or checks what can be made anew from what was captured': [
    ...['dataset build', 'dataset verify', 'segment verify', 'segment recover', 'organize'],
  ],
  'it asks again what the platform or the web says now, as workers do by themselves': [
    ...['account update-names', 'urls expand'],
  ],
  'it runs what was decided before': ['start', 'run', 'role'],
  'its data are invented, and its one collection is made, started and stopped with rows like any other': ['demo'],
  'it is a platform of its own, with invented data': ['emulator'],
};
