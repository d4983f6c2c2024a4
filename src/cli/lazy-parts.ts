/** What each command calls, loaded when the command runs, so that `--help` loads neither PostgreSQL's client nor DuckDB. */

/** What the commands about collections call. */
export const loadCollections = async () => ({
  ...(await import('../store/queries/add-collection.ts')),
  ...(await import('../store/queries/list-collections.ts')),
  ...(await import('../store/queries/find-collection.ts')),
  ...(await import('../store/queries/set-wanted.ts')),
  ...(await import('../store/queries/loaded-segments.ts')),
  ...(await import('../store/queries/set-keep.ts')),
  ...(await import('../store/queries/set-credential.ts')),
  ...(await import('../store/filters/filter-collections.ts')),
  ...(await import('../store/filters/filter-refused.ts')),
  ...(await import('../store/filters/filter-reports.ts')),
  ...(await import('../core/rules/compile.ts')),
  ...(await import('../core/rules/definition.ts')),
  ...(await import('../core/rules/plain-words.ts')),
  ...(await import('../store/queries/collection-status.ts')),
  ...(await import('../store/queries/gaps-of-collection.ts')),
  ...(await import('../store/queries/retention-runs.ts')),
  ...(await import('../store/queries/compactions.ts')),
  ...(await import('../store/rebuild.ts')),
  ...(await import('../store/timelines/timeline-collections.ts')),
  ...(await import('../store/timelines/timelines.ts')),
  ...(await import('../store/timelines/first-reading.ts')),
  ...(await import('../jobs/timelines/schedule.ts')),
});

/** What the commands about exports call. */
export const loadExports = async () => ({
  ...(await import('../share/export-request.ts')),
  ...(await import('../share/run-export.ts')),
  ...(await import('../share/columns/presets.ts')),
  ...(await import('../share/formats/row-text.ts')),
  ...(await import('../share/formats/text-bytes.ts')),
  ...(await import('../share/resolve-wish.ts')),
  ...(await import('../store/export/exports.ts')),
  ...(await import('../jobs/tasks/export-posts.ts')),
});

/** What the commands about backups call. */
export const loadBackups = () => import('../store/nodes/backups.ts');

/** The builder of plain folders, which needs no database. */
export const loadHourBuilder = async () => ({
  ...(await import('../process/build-hour.ts')),
  ...(await import('../process/input-files.ts')),
  ...(await import('../process/list-datasets.ts')),
  ...(await import('../process/verify-dataset.ts')),
});

/** What the commands about users call. */
export const loadUsers = async () => ({
  ...(await import('../store/users/users.ts')),
  ...(await import('../store/users/audit-log.ts')),
});

/** What the commands about jobs call. */
export const loadJobs = async () => ({
  ...(await import('../jobs/job-list.ts')),
  ...(await import('../jobs/work-report.ts')),
});

/** What the commands about links call. */
export const loadLinks = async () => ({
  ...(await import('../jobs/links/expand-links.ts')),
  ...(await import('../store/links/expander-lock.ts')),
  ...(await import('../store/links/list-links.ts')),
  ...(await import('../store/export/find-accounts.ts')),
  ...(await import('../store/queries/find-collection.ts')),
  ...(await import('../platforms/links/open-follower.ts')),
});

export const loadAccountNames = () => import('../jobs/accounts/import-names.ts');

/** What the commands about lists of ids call. */
export const loadHydrations = async () => ({
  ...(await import('../store/hydrations/hydrations.ts')),
  ...(await import('../store/queries/add-collection.ts')),
  ...(await import('../store/queries/list-collections.ts')),
  ...(await import('../store/permits/budgets.ts')),
});

/** What the commands about permits and money call. */
export const loadPermits = async () => ({
  ...(await import('../store/permits/permit-standings.ts')),
  ...(await import('../store/permits/pauses.ts')),
  ...(await import('../store/permits/budgets.ts')),
  ...(await import('../store/queries/find-collection.ts')),
  ...(await import('../core/permits/price-table.ts')),
  ...(await import('../platforms/x/read/endpoint-limits.ts')),
});

/** What brings older collections in. */
export const loadImports = async () => ({
  ...(await import('../jobs/imports/import-files.ts')),
  ...(await import('../jobs/imports/open-target.ts')),
});
