import type { FastifyRequest } from 'fastify';
import type { App } from '../app-type.ts';
import { changeWithDeed } from '../audit.ts';
import { effectiveRole, requireAccess, type Sight, sightOf } from '../caller.ts';
import { FieldErrors } from '../field-errors.ts';
import { mayCall } from '../permissions.ts';
import { ProblemError } from '../problems.ts';
import { jsonReply, problemReplies } from '../reply-schemas.ts';
import { askSource } from '../source-call.ts';
import type { ServerSources } from '../sources.ts';
import { isZone } from '../../jobs/alerts/quiet-hours.ts';
import { alertRules } from '../../jobs/alerts/alert-rules.ts';
import { nameOfCaller } from '../who.ts';
import {
  acknowledgementSchema,
  alertChannelsSchema,
  alertParams,
  alertRulesSchema,
  alertSchema,
  alertSettingsChangeSchema,
  alertSettingsSchema,
  channelAddedSchema,
  channelAddSchema,
  channelChangeSchema,
  channelParams,
  closedAlertsQuery,
  closedAlertsSchema,
  currentAlertsSchema,
  ruleChangeSchema,
  ruleParams,
  testAskedSchema,
} from './operations-schemas.ts';

const tags = ['alerts'];

/** Alerts, and (for administrators) the rules that open them and the ways on which they are sent. */
export function alertRoutes(app: App, { sources: { operations } }: { sources: ServerSources }): void {
  app.get(
    '/api/v1/alerts',
    {
      schema: {
        operationId: 'listCurrentAlerts',
        summary: 'Alerts that are open or acknowledged, urgent ones first',
        description: 'Administrators see all, others those about collections that they see.',
        tags,
        response: { 200: jsonReply('At most 500', currentAlertsSchema), ...problemReplies(503) },
      },
    },
    async (request) => ({ alerts: await askSource(operations.currentAlerts(await onlyOf(request, operations))) }),
  );
  app.get(
    '/api/v1/alerts/closed',
    {
      schema: {
        operationId: 'listClosedAlerts',
        summary: 'Alerts that are over, the newest first',
        tags,
        querystring: closedAlertsQuery,
        response: { 200: jsonReply('A page', closedAlertsSchema), ...problemReplies(400, 503) },
      },
    },
    async (request) => {
      const { before, limit } = request.query;
      const only = await onlyOf(request, operations);
      const page = {
        limit: limit + 1,
        ...(before === undefined ? {} : { before }),
        ...(only === undefined ? {} : { only }),
      };
      const alerts = await askSource(operations.closedAlerts(page));
      const shown = alerts.slice(0, limit);
      return { alerts: shown, next: alerts.length > limit ? (shown.at(-1)?.alertId ?? null) : null };
    },
  );
  app.post(
    '/api/v1/alerts/:alertId/acknowledgement',
    {
      schema: {
        operationId: 'acknowledgeAlert',
        summary: 'Says that somebody knows of it: nobody is reminded of it any more',
        tags,
        params: alertParams,
        body: acknowledgementSchema,
        response: { 200: jsonReply('The alert', alertSchema), ...problemReplies(400, 403, 404, 503) },
      },
    },
    async (request) => {
      const { alertId } = request.params;
      const alert = await askSource(operations.findAlert(alertId));
      const unknown = () => new ProblemError('alert.unknown', `There is no alert ${alertId} that is not over.`);
      if (alert === undefined) throw unknown();
      if (alert.collection !== null) await requireAccess(request, alert.collection, 'edit');
      else if (!mayCall(effectiveRole(request.caller), 'administrator')) throw unknown();
      const by = nameOfCaller(request.caller);
      const deed = { action: 'alert.acknowledge', target: alertId, details: { kind: alert.kind } };
      return await changeWithDeed(request, deed, async (inside) => {
        const now = await inside.operations.acknowledge({ alertId, by, note: request.body.note });
        if (now === undefined) throw unknown();
        return now;
      });
    },
  );
  ruleRoutes(app, operations);
  channelRoutes(app, operations);
  settingsRoutes(app, operations);
}

function ruleRoutes(app: App, operations: ServerSources['operations']): void {
  app.get(
    '/api/v1/alert-rules',
    {
      schema: {
        operationId: 'listAlertRules',
        summary: 'What opens alerts, with thresholds',
        tags,
        response: { 200: jsonReply('All rules', alertRulesSchema), ...problemReplies(503) },
      },
    },
    async () => ({ rules: await askSource(operations.rules()) }),
  );
  app.put(
    '/api/v1/alert-rules/:kind',
    {
      schema: {
        operationId: 'setAlertRule',
        summary: 'Changes a rule; it holds from the next look on, within 15 seconds',
        tags,
        params: ruleParams,
        body: ruleChangeSchema,
        response: { 200: jsonReply('All rules', alertRulesSchema), ...problemReplies(400, 503) },
      },
    },
    async (request) => {
      const { kind } = request.params;
      const { least, most, unit } = alertRules[kind].threshold;
      const { threshold } = request.body;
      if (threshold < least || threshold > most)
        throw new FieldErrors({ threshold: `Give ${least} to ${most.toLocaleString('en-US')} ${unit}.` });
      const wanted = request.body.channels ?? [];
      const known = wanted.length === 0 ? [] : await askSource(operations.channels());
      const unknown = wanted.find((id) => !known.some(({ channelId }) => channelId === id));
      if (unknown !== undefined) throw new FieldErrors({ channels: `There is no channel ${unknown} (any more).` });
      await changeWithDeed(request, { action: 'alert-rule.change', target: kind, details: request.body }, (inside) =>
        inside.operations.setRule(kind, request.body, nameOfCaller(request.caller)),
      );
      return { rules: await askSource(operations.rules()) };
    },
  );
  app.delete(
    '/api/v1/alert-rules/:kind',
    {
      schema: {
        operationId: 'resetAlertRule',
        summary: 'Lets a rule be as it came',
        tags,
        params: ruleParams,
        response: { 200: jsonReply('All rules', alertRulesSchema), ...problemReplies(400, 503) },
      },
    },
    async (request) => {
      const { kind } = request.params;
      await changeWithDeed(request, { action: 'alert-rule.reset', target: kind }, (inside) =>
        inside.operations.setRule(kind, null, nameOfCaller(request.caller)),
      );
      return { rules: await askSource(operations.rules()) };
    },
  );
}

function channelRoutes(app: App, operations: ServerSources['operations']): void {
  const channels = async () => {
    const [all, deliveries] = await Promise.all([operations.channels(), operations.deliveries(50)]);
    return { channels: all, deliveries, hasMail: operations.hasMail };
  };
  const missing = (channelId: string) => new ProblemError('channel.unknown', `There is no channel ${channelId}.`);
  app.get(
    '/api/v1/alert-channels',
    {
      schema: {
        operationId: 'listAlertChannels',
        summary: 'Where alerts are sent, and what was sent last',
        tags,
        response: { 200: jsonReply('Channels and deliveries', alertChannelsSchema), ...problemReplies(503) },
      },
    },
    async () => askSource(channels()),
  );
  app.post(
    '/api/v1/alert-channels',
    {
      schema: {
        operationId: 'addAlertChannel',
        summary: 'Adds a mail address or a webhook; the secret of a webhook is told this once',
        tags,
        body: channelAddSchema,
        response: { 200: jsonReply('Added', channelAddedSchema), ...problemReplies(400, 409, 503) },
      },
    },
    async (request) => {
      const { kind, address } = request.body;
      const by = nameOfCaller(request.caller);
      const deed = { action: 'alert-channel.add', target: address, details: { kind } };
      return await changeWithDeed(request, deed, async (inside) => {
        const added = await inside.operations.addChannel({ kind, address, by });
        if (added === undefined) throw new ProblemError('channel.exists', `Alerts are sent to ${address} already.`);
        return added;
      });
    },
  );
  app.patch(
    '/api/v1/alert-channels/:channelId',
    {
      schema: {
        operationId: 'turnAlertChannel',
        summary: 'Turns a channel on or off',
        tags,
        params: channelParams,
        body: channelChangeSchema,
        response: { 200: jsonReply('Channels', alertChannelsSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { channelId } = request.params;
      const deed = { action: 'alert-channel.turn', target: channelId, details: request.body };
      await changeWithDeed(request, deed, async (inside) => {
        if (!(await inside.operations.turnChannel(channelId, request.body.isOn))) throw missing(channelId);
      });
      return askSource(channels());
    },
  );
  app.delete(
    '/api/v1/alert-channels/:channelId',
    {
      schema: {
        operationId: 'removeAlertChannel',
        summary: 'Removes a channel and what waits for it',
        tags,
        params: channelParams,
        response: { 200: jsonReply('Channels', alertChannelsSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { channelId } = request.params;
      await changeWithDeed(request, { action: 'alert-channel.remove', target: channelId }, async (inside) => {
        if (!(await inside.operations.removeChannel(channelId))) throw missing(channelId);
      });
      return askSource(channels());
    },
  );
  app.post(
    '/api/v1/alert-channels/:channelId/test',
    {
      schema: {
        operationId: 'testAlertChannel',
        summary: 'Sends a test within seconds, by the same way as alerts; the list of deliveries tells how it went',
        tags,
        params: channelParams,
        response: { 200: jsonReply('In line', testAskedSchema), ...problemReplies(400, 404, 503) },
      },
    },
    async (request) => {
      const { channelId } = request.params;
      const by = nameOfCaller(request.caller);
      return await changeWithDeed(request, { action: 'alert-channel.test', target: channelId }, async (inside) => {
        const deliveryId = await inside.operations.testChannel(channelId, by);
        if (deliveryId === undefined) throw missing(channelId);
        return { deliveryId };
      });
    },
  );
}

function settingsRoutes(app: App, operations: ServerSources['operations']): void {
  app.get(
    '/api/v1/alert-settings',
    {
      schema: {
        operationId: 'getAlertSettings',
        summary: 'Quiet hours and reminders',
        tags,
        response: { 200: jsonReply('As they are', alertSettingsSchema), ...problemReplies(503) },
      },
    },
    async () => askSource(operations.alertSettings()),
  );
  app.put(
    '/api/v1/alert-settings',
    {
      schema: {
        operationId: 'setAlertSettings',
        summary: 'Sets quiet hours and reminders',
        tags,
        body: alertSettingsChangeSchema,
        response: { 200: jsonReply('As they are now', alertSettingsSchema), ...problemReplies(400, 503) },
      },
    },
    async (request) => {
      const { zone, quietFrom, quietUntil } = request.body;
      if (!isZone(zone)) throw new FieldErrors({ zone: `"${zone}" is no time zone; write it like Europe/Vienna.` });
      if ((quietFrom === null) !== (quietUntil === null))
        throw new FieldErrors({ quietUntil: 'Give both ends of the quiet hours, or neither.' });
      if (quietFrom !== null && quietFrom === quietUntil)
        throw new FieldErrors({
          quietUntil: 'The quiet hours end at the instant at which they begin: give another end.',
        });
      const deed = { action: 'alert-settings.change', target: 'alerts', details: request.body };
      await changeWithDeed(request, deed, (inside) => inside.operations.setAlertSettings(request.body));
      return request.body;
    },
  );
}

/** The collections whose alerts a caller sees; undefined: all alerts. */
async function onlyOf(
  request: FastifyRequest,
  operations: ServerSources['operations'],
): Promise<readonly string[] | undefined> {
  if (mayCall(effectiveRole(request.caller), 'administrator')) return undefined;
  const sight: Sight = await sightOf(request);
  return sight === 'all' ? await askSource(operations.collectionNames()) : [...sight];
}
