/** The HTTP server: the API, live events, downloads and the page. Listening and closing are the caller's. */
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import Fastify, { LogController, type FastifyBaseLogger } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { basePathOf, withoutBasePath } from '../core/base-path.ts';
import type { Clock } from '../core/time.ts';
import type { App } from './app-type.ts';
import { answerClientError } from './client-error.ts';
import { type Caller, type CallerSource, effectiveRole, everybodyViews } from './caller.ts';
import { isAllowedHost } from './host-check.ts';
import { createLiveEvents } from './live-events.ts';
import { createOverview } from './overview.ts';
import { readToEnd } from './read-to-end.ts';
import { createRecentFeed } from './recent-feed.ts';
import { describeRoutes, openApiRoute } from './openapi.ts';
import { leastRoleByRoute, mayCall, routeKey } from './permissions.ts';
import { errorToReply, problemOf, ProblemError, sendProblem } from './problems.ts';
import { accountRoutes } from './routes/accounts.ts';
import { collectionContentRoutes } from './routes/collections-content.ts';
import { collectionRoutes } from './routes/collections.ts';
import { alertRoutes } from './routes/alerts.ts';
import { budgetRoutes } from './routes/budgets.ts';
import { compactionRoutes } from './routes/compaction.ts';
import { credentialRoutes } from './routes/credentials.ts';
import { datasetRoutes } from './routes/datasets.ts';
import { diskRoutes } from './routes/disk.ts';
import { docsRoutes } from './routes/docs.ts';
import { eventRoutes } from './routes/events.ts';
import { exportRoutes } from './routes/exports.ts';
import { filterRoutes } from './routes/filters.ts';
import { fileRoutes } from './routes/files.ts';
import { gapRoutes } from './routes/gaps.ts';
import { healthRoutes } from './routes/health.ts';
import { type Institution, institutionRoutes } from './routes/institution.ts';
import { jobRoutes } from './routes/jobs.ts';
import { overviewRoutes } from './routes/overview.ts';
import { metricsRoute } from './routes/metrics.ts';
import { nodeRoutes } from './routes/node.ts';
import { machineRoutes } from './routes/nodes.ts';
import { pageRoutes } from './routes/page.ts';
import { postRoutes } from './routes/posts.ts';
import { auditRoutes } from './routes/audit.ts';
import { profileRoutes } from './routes/profile.ts';
import { sharingRoutes } from './routes/sharing.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { tokenRoutes } from './routes/tokens.ts';
import { userRoutes } from './routes/users.ts';
import { retentionRoutes } from './routes/retention.ts';
import { savedSearchRoutes } from './routes/saved-searches.ts';
import { sessionRoutes } from './routes/session.ts';
import { statusRoutes } from './routes/status.ts';
import { storageRoutes } from './routes/storage.ts';
import { isSameOrigin } from './same-origin.ts';
import { securityHeaders } from './security-headers.ts';
import { shareCall } from './source-call.ts';
import type { ServerSources } from './sources.ts';
import { requireStorableText } from './storable-text.ts';

/** Callers within this time share one answer of the database; a listener's second is well above it. */
const STATUS_MAX_AGE_MS = 250;

export type ServerOptions = {
  sources: ServerSources;
  /** Absolute: the folder that holds `<collection>/<day>/<file>`. */
  datasetsFolder: string;
  /** Absolute: the workspace of the page; what is served is its `dist`, which may appear later. */
  webFolder: string;
  version: string;
  /** Host names answered besides loopback's. */
  allowedHosts: readonly string[];
  clock: Clock;
  log: FastifyBaseLogger;
  /** The page's address as browsers see it, without `/` at its end, its path included; undefined: where they say it is. */
  publicUrl?: string;
  /** Addresses and networks whose word about clients is believed. */
  trustedProxies?: readonly string[];
  /** Whose mistnet this is, for the foot of the page. */
  institution?: Institution;
  /** Who calls and what they may; by default everybody who gets here is a viewer. */
  callers?: CallerSource;
};

/** Throws when a route isn't in the permission table. `close()` ends listeners and open connections. */
export async function buildServer(options: ServerOptions): Promise<App> {
  const { sources, datasetsFolder, webFolder, version, clock, log, publicUrl, trustedProxies = [] } = options;
  const basePath = basePathOf(publicUrl);
  const answerFailure = errorToReply(log, (failure) => sources.operations.noteFailure(failure));
  const app: App = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 64 * 1024,
    trustProxy: [...trustedProxies],
    rewriteUrl: ({ url = '/' }) => withoutBasePath(url, basePath),
    forceCloseConnections: true,
    // Sent slowly, a request is given up on; replies may take as long as they need.
    requestTimeout: 30_000,
    clientErrorHandler: answerClientError,
    // Who names no host is told so by the guard, as others are told theirs.
    http: { requireHostHeader: false },
    frameworkErrors: (error, request, reply) => {
      answerFailure(error, request, reply);
    },
  }).withTypeProvider<ZodTypeProvider>();
  // Whatever else than `100-continue` somebody expects: they are answered as anybody is.
  app.server.on('checkExpectation', (request, response) => app.routing(request, response));
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler(answerFailure);
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      problemOf('route.unknown', `Nothing answers ${request.method} ${request.url.split('?', 1)[0]}.`),
    ),
  );
  guard(app, options);
  app.addHook('preValidation', async (request) => {
    // The page itself is there at whatever address; what it asks for then is refused.
    if (request.routeOptions.url !== '/*') requireStorableText(request);
  });
  app.addHook('onSend', ({ raw }) => readToEnd(raw));
  // What leads on within this server stays below the path.
  if (basePath !== '')
    app.addHook('onSend', async (_request, reply) => {
      const to = reply.getHeader('location');
      if (typeof to === 'string' && to.startsWith('/')) reply.header('location', `${basePath}${to}`);
    });

  await describeRoutes(app, { version, basePath });
  await app.register(fastifyStatic, { serve: false, preCompressed: true });

  const readStatus = shareCall(() => sources.collectionStatuses(), { clock, maxAgeMs: STATUS_MAX_AGE_MS });
  const pingDatabase = shareCall(() => sources.pingDatabase(), { clock, maxAgeMs: STATUS_MAX_AGE_MS });
  const events = createLiveEvents({
    ...{ readStatus, readDisk: () => sources.diskUsage(), readRoles: () => sources.disturbedRoles(), clock, log },
  });
  app.addHook('onReady', async () => events.start());
  app.addHook('preClose', () => events.stop());
  const feed = createRecentFeed({ read: (name, limit) => sources.collections.recentPosts(name, limit), clock, log });
  app.addHook('preClose', () => feed.stop());

  sessionRoutes(app, { sources });
  institutionRoutes(app, { institution: options.institution });
  signInRoutes(app, { sources });
  profileRoutes(app, { sources });
  tokenRoutes(app, { sources });
  userRoutes(app, { sources });
  sharingRoutes(app, { sources });
  auditRoutes(app, { sources });
  healthRoutes(app, { pingDatabase });
  statusRoutes(app, { readStatus });
  eventRoutes(app, { events });
  collectionRoutes(app, { sources });
  collectionContentRoutes(app, { sources, feed, clock });
  filterRoutes(app, { sources });
  overviewRoutes(app, { overview: createOverview({ sources: sources.collections, clock }) });
  gapRoutes(app, { sources });
  compactionRoutes(app, { sources });
  retentionRoutes(app, { sources });
  datasetRoutes(app, { sources });
  diskRoutes(app, { sources });
  nodeRoutes(app, { version, clock });
  fileRoutes(app, { datasetsFolder });
  exportRoutes(app, { sources });
  accountRoutes(app, { sources });
  jobRoutes(app, { sources, clock });
  alertRoutes(app, { sources });
  machineRoutes(app, { sources });
  budgetRoutes(app, { sources });
  credentialRoutes(app, { sources });
  storageRoutes(app, { sources });
  metricsRoute(app, { sources, clock });
  await docsRoutes(app, { basePath });
  postRoutes(app, { sources });
  savedSearchRoutes(app, { sources });
  openApiRoute(app);
  pageRoutes(app, { pageFolder: join(webFolder, 'dist'), basePath });
  return app;
}

/**
 * Every reply has the security headers; every request a known host, a caller and, by the table, the right to be answered. What changes
 * something must come from a page of this server.
 */
function guard(app: App, { allowedHosts, sources, publicUrl, callers = everybodyViews }: ServerOptions): void {
  // Forms of other sites can send text; only JSON is understood.
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('callers', { getter: () => callers });
  app.decorateRequest('sources', { getter: () => sources });
  app.decorateRequest('caller', { getter: (): never => never('caller') });
  app.addHook('onRoute', ({ method, url }) => {
    for (const each of [method].flat())
      if (leastRoleByRoute[routeKey(each, url)] === undefined)
        throw new Error(`The permission table lacks ${routeKey(each, url)}.`);
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    if (request.headers.host === undefined)
      throw new ProblemError('request.invalid', 'The request does not say which host it is for.');
    if (!isAllowedHost(request.headers.host, allowedHosts))
      throw new ProblemError(
        'host.refused',
        `This server does not answer to the host name "${request.headers.host ?? ''}"; open it as localhost.`,
      );
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    const leastRole = leastRoleByRoute[routeKey(request.method, request.routeOptions.url ?? '')];
    // Without a route it is the 404 handler's.
    if (leastRole === undefined) return;
    // What is open to everybody anyway must be there when the database is not: the page, its files, what watchers ask.
    const isOpenFile = leastRole === 'nobody' && !request.url.startsWith('/api/v1/') && request.method !== 'POST';
    const caller: Caller = isOpenFile ? { role: 'nobody', via: 'none' } : await callers.callerOf(request);
    Object.defineProperty(request, 'caller', { value: caller });
    if (!mayCall(effectiveRole(caller), leastRole)) {
      if (caller.via === 'none') throw new ProblemError('sign-in.required', 'Sign in first, or send an API token.');
      throw new ProblemError('access.denied', `This needs the role ${leastRole}.`);
    }
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    if (changes && caller.via !== 'token' && !isSameOrigin(request.headers, publicUrl))
      throw new ProblemError('origin.refused', 'This can be changed only by a page of this server.');
  });
}

function never(what: string): never {
  throw new Error(`The request has no ${what} yet.`);
}
