import type { App } from '../app-type.ts';
import { changeWithDeed } from '../audit.ts';
import { ProblemError } from '../problems.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import { nameOfCaller } from '../who.ts';
import {
  logParams,
  logReplySchema,
  nodeParams,
  nodesReplySchema,
  restartAskedSchema,
  roleParams,
  samplesQuery,
  samplesReplySchema,
} from './operations-schemas.ts';

const tags = ['nodes'];

/** The machines: how they fare, what runs on them, and to start a role anew. For administrators. */
export function machineRoutes(app: App, { sources: { operations } }: { sources: ServerSources }): void {
  const missing = (node: string) => new ProblemError('node.unknown', `No node is named "${node}".`);
  app.get(
    '/api/v1/nodes',
    {
      schema: {
        operationId: 'listNodes',
        summary:
          'Nodes as they said last, with roles, processes and disk; and the newest requests to start a role anew',
        tags,
        response: { 200: jsonReply('All nodes by name', nodesReplySchema), ...problemReplies(503) },
      },
    },
    async () => {
      const [nodes, requests] = await askSource(Promise.all([operations.nodes(), operations.requests()]));
      return { nodes, requests };
    },
  );
  app.get(
    '/api/v1/nodes/:node/samples',
    {
      schema: {
        operationId: 'listNodeSamples',
        summary: 'How a node fared: each minute of a day, or each hour of a quarter',
        tags,
        params: nodeParams,
        querystring: samplesQuery,
        response: { 200: jsonReply('Oldest first', samplesReplySchema), ...problemReplies(400, 503) },
      },
    },
    async ({ params: { node }, query: { span } }) => {
      const step = span === 'day' ? ('minute' as const) : ('hour' as const);
      return { step, samples: await askSource(operations.nodeSamples(node, step)) };
    },
  );
  app.get(
    '/api/v1/nodes/:node/logs/:role',
    {
      schema: {
        operationId: 'getLogTail',
        summary: "The end of a role's log, of the node that answers: at most 300 lines of 128 KiB, without secrets",
        tags,
        params: logParams,
        response: { 200: jsonReply('Lines as they were written', logReplySchema), ...problemReplies(400, 503) },
      },
    },
    async ({ params: { node, role } }) => (await operations.logTail(node, role)) ?? { lines: null, isCut: false },
  );
  app.post(
    '/api/v1/nodes/:node/roles/:role/restart',
    {
      schema: {
        operationId: 'restartRole',
        summary: 'Asks a node to start a role anew; it does within seconds, in order, so that nothing durable is lost',
        tags,
        params: roleParams,
        response: { 200: jsonReply('What was asked', restartAskedSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { node, role } = request.params;
      const askedBy = nameOfCaller(request.caller);
      return await changeWithDeed(request, { action: 'node.restart', target: `${node}/${role}` }, async (inside) => {
        const asked = await inside.operations.askRestart({ node, role, askedBy });
        if (asked === undefined) throw missing(node);
        return asked;
      });
    },
  );
  app.delete(
    '/api/v1/nodes/:node',
    {
      schema: {
        operationId: 'forgetNode',
        summary: 'Forgets a node that is gone for good, with its history; what it captured stays',
        tags,
        params: nodeParams,
        response: { 200: jsonReply('The nodes that are left', nodesReplySchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { node } = request.params;
      await changeWithDeed(request, { action: 'node.forget', target: node }, async (inside) => {
        if (!(await inside.operations.forgetNode(node))) throw missing(node);
      });
      const [nodes, requests] = await askSource(Promise.all([operations.nodes(), operations.requests()]));
      return { nodes, requests };
    },
  );
}
