import type { App } from '../app-type.ts';
import { changeWithDeed } from '../audit.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import { budgetChangeSchema, budgetsReplySchema, priceChangeSchema } from './operations-schemas.ts';

const tags = ['money'];

/** What reading may cost in a month, what it has cost, what it is paused for. For administrators. */
export function budgetRoutes(app: App, { sources: { operations } }: { sources: ServerSources }): void {
  const report = async () => {
    const [budgets, prices, { pauses }] = await Promise.all([
      operations.budgets(),
      operations.prices(),
      operations.standings(),
    ]);
    return {
      ...budgets,
      prices: prices.map(({ endpoint = null, ...price }) => ({ ...price, endpoint })),
      pauses: pauses.map(({ sinceMs, untilMs, ...pause }) => ({
        ...pause,
        since: new Date(sinceMs).toISOString(),
        until: untilMs === undefined ? null : new Date(untilMs).toISOString(),
      })),
    };
  };
  app.get(
    '/api/v1/budgets',
    {
      schema: {
        operationId: 'getBudgets',
        summary: "Budgets, this month's spending, prices, and credentials that are not used for now",
        tags,
        response: { 200: jsonReply('By the UTC month', budgetsReplySchema), ...problemReplies(503) },
      },
    },
    async () => askSource(report()),
  );
  app.put(
    '/api/v1/budgets',
    {
      schema: {
        operationId: 'setBudget',
        summary: 'Sets what may be spent in a month; workers hear of it at once',
        tags,
        body: budgetChangeSchema,
        response: { 200: jsonReply('All budgets', budgetsReplySchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { scope, monthlyMicros } = request.body;
      const deed = { action: 'budget.set', target: scope === '' ? 'all' : scope, details: { monthlyMicros } };
      await changeWithDeed(request, deed, (inside) => inside.operations.setBudget(scope, monthlyMicros ?? undefined));
      return askSource(report());
    },
  );
  app.put(
    '/api/v1/prices',
    {
      schema: {
        operationId: 'setPrice',
        summary: 'Sets a price that differs from the published one; workers hear of it at once',
        tags,
        body: priceChangeSchema,
        response: { 200: jsonReply('All budgets and prices', budgetsReplySchema), ...problemReplies(400, 503) },
      },
    },
    async (request) => {
      const { endpoint, micros, ...price } = request.body;
      const target = `${price.platform} ${price.level} ${price.resource}`;
      const wished = { ...price, ...(endpoint === '' ? {} : { endpoint }), micros: micros ?? undefined };
      await changeWithDeed(request, { action: 'price.set', target, details: { endpoint, micros } }, (inside) =>
        inside.operations.setPrice(wished),
      );
      return askSource(report());
    },
  );
}
