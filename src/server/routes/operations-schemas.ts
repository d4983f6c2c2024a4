/** What the routes about alerts, nodes, money, keys and storage take and reply. Ids are text; counts are JSON numbers below 2^53. */
import { z } from 'zod';
import { alertKinds } from '../../jobs/alerts/alert-rules.ts';
import { restartableRoles } from '../../store/nodes/node-requests.ts';
import { nodeBodySchema } from '../../store/nodes/node-status.ts';

const instant = (description: string) => z.string().meta({ description, format: 'date-time' });
const count = z.number().int().nonnegative();
const id = z.string().regex(/^\d{1,18}$/, 'is no id');

export const alertSchema = z
  .object({
    alertId: z.string(),
    kind: z.string().meta({ description: 'Which rule opened it' }),
    title: z.string(),
    subject: z.string().meta({ description: 'What it is about: a collection, a node, a label …' }),
    collection: z.string().nullable().meta({ description: 'The collection that it is about, if any' }),
    state: z.enum(['open', 'acknowledged', 'resolved', 'expired']),
    isUrgent: z.boolean(),
    sentence: z.string(),
    openedAt: instant('When it was noticed first'),
    seenAt: instant('When it held last'),
    acknowledgedBy: z.string().nullable(),
    acknowledgedAt: instant('When somebody said that they know').nullable(),
    note: z.string().nullable(),
    closedAt: instant('When it was over, or nothing more could be said of it').nullable(),
  })
  .meta({ id: 'Alert' });

export const currentAlertsSchema = z.object({ alerts: z.array(alertSchema) }).meta({ id: 'CurrentAlerts' });
export const closedAlertsSchema = z
  .object({ alerts: z.array(alertSchema), next: z.string().nullable() })
  .meta({ id: 'ClosedAlerts' });
export const closedAlertsQuery = z.object({
  before: id.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export const alertParams = z.object({ alertId: id });
export const acknowledgementSchema = z.strictObject({ note: z.string().trim().max(1_000).default('') });

export const alertRuleSchema = z
  .object({
    kind: z.enum(alertKinds),
    title: z.string(),
    explanation: z.string(),
    isOn: z.boolean(),
    threshold: z.number(),
    unit: z.string().meta({ description: 'What the threshold counts' }),
    least: z.number(),
    most: z.number(),
    fallback: z.number().meta({ description: 'The threshold while nobody sets another' }),
    isUrgent: z.boolean().meta({ description: 'Sent in quiet hours, too' }),
    channels: z.array(z.string()).nullable().meta({ description: 'Where it is sent, by id; null: to all channels' }),
    changedBy: z.string().nullable(),
    changedAt: instant('null while it is as it came').nullable(),
  })
  .meta({ id: 'AlertRule' });
export const alertRulesSchema = z.object({ rules: z.array(alertRuleSchema) }).meta({ id: 'AlertRules' });
export const ruleParams = z.object({ kind: z.enum(alertKinds) });
export const ruleChangeSchema = z.strictObject({
  isOn: z.boolean(),
  threshold: z.number().min(0).max(1e9),
  isUrgent: z.boolean(),
  channels: z.array(id).max(100).nullable(),
});

export const alertChannelSchema = z
  .object({
    channelId: z.string(),
    kind: z.enum(['mail', 'webhook']),
    address: z.string(),
    isOn: z.boolean(),
    addedBy: z.string(),
    addedAt: instant('When it was added'),
    triedAt: instant('When something was sent there last, or tried').nullable(),
    failure: z.string().nullable().meta({ description: 'Why the newest try failed; null when it went well' }),
    waiting: count.meta({ description: 'What is still to be sent there' }),
  })
  .meta({ id: 'AlertChannel' });
const deliverySchema = z
  .object({
    deliveryId: z.string(),
    alertId: z.string().nullable().meta({ description: 'null: a test' }),
    event: z.enum(['opened', 'reminder', 'resolved', 'test']),
    channelId: z.string(),
    state: z.enum(['waiting', 'sent', 'failed']),
    tries: count,
    failure: z.string().nullable(),
    madeAt: instant('When it was put in line'),
    notBefore: instant('When it is tried next, while it waits'),
    endedAt: instant('When it was sent or given up').nullable(),
  })
  .meta({ id: 'AlertDelivery' });
export const alertChannelsSchema = z
  .object({
    channels: z.array(alertChannelSchema),
    deliveries: z.array(deliverySchema).meta({ description: 'The newest fifty' }),
    hasMail: z.boolean().meta({ description: 'Whether a mail server is configured' }),
  })
  .meta({ id: 'AlertChannels' });
export const channelParams = z.object({ channelId: id });
export const channelAddSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mail'), address: z.email('is no mail address').max(254) }),
  z.strictObject({
    kind: z.literal('webhook'),
    address: z
      .url({ protocol: /^https?$/, error: 'is no address of the web, like https://example.org/hook' })
      .max(2_000)
      .refine((text) => !/^[a-z]+:\/\/[^/]*@/.test(text), 'must hold no user and password'),
  }),
]);
export const channelAddedSchema = z
  .object({
    channelId: z.string(),
    secret: z.string().nullable().meta({ description: 'Of a webhook, to check signatures with: told this once' }),
  })
  .meta({ id: 'AlertChannelAdded' });
export const channelChangeSchema = z.strictObject({ isOn: z.boolean() });
export const testAskedSchema = z.object({ deliveryId: z.string() }).meta({ id: 'AlertTest' });

const minuteOfDay = z.number().int().min(0).max(1_439);
export const alertSettingsSchema = z
  .object({
    zone: z.string().meta({ description: 'Time zone of the quiet hours' }),
    quietFrom: minuteOfDay.nullable().meta({ description: 'Minutes after midnight; null: no quiet hours' }),
    quietUntil: minuteOfDay.nullable(),
    remindHours: z.number().int().min(0).max(8_760).meta({ description: '0: nobody is reminded' }),
  })
  .meta({ id: 'AlertSettings' });
export const alertSettingsChangeSchema = z.strictObject({
  zone: z.string().min(1).max(64),
  quietFrom: minuteOfDay.nullable(),
  quietUntil: minuteOfDay.nullable(),
  remindHours: z.number().int().min(0).max(8_760),
});

const requestSchema = z
  .object({
    requestId: z.string(),
    node: z.string(),
    role: z.enum(restartableRoles),
    askedBy: z.string(),
    askedAt: instant('When it was asked'),
    takenAt: instant('When the node took it in hand; null while it waits').nullable(),
    outcome: z.string().nullable(),
  })
  .meta({ id: 'RestartRequest' });
const nodeSchema = nodeBodySchema
  .extend({
    node: z.string(),
    version: z.string(),
    seenAt: instant('When it said so'),
    ageMs: count.meta({ description: 'How long ago that was' }),
    isHere: z.boolean().meta({ description: 'The server that answers runs on it' }),
    bytesPerDay: z
      .number()
      .nullable()
      .meta({ description: 'How fast its disk filled over the last day; null until known' }),
    fullInDays: z.number().nullable(),
    paceSeconds: count,
  })
  .meta({ id: 'MachineNode' });
export const nodesReplySchema = z
  .object({ nodes: z.array(nodeSchema), requests: z.array(requestSchema) })
  .meta({ id: 'MachineNodes' });
export const nodeParams = z.object({ node: z.string().regex(/^[a-z0-9_]{1,32}$/) });
export const roleParams = nodeParams.extend({ role: z.enum(restartableRoles) });
export const logParams = nodeParams.extend({ role: z.enum([...restartableRoles, 'postgres']) });
export const samplesQuery = z.object({ span: z.enum(['day', 'quarter']).default('day') });
export const samplesReplySchema = z
  .object({
    step: z.enum(['minute', 'hour']),
    samples: z.array(
      z.object({
        at: instant('Begin of the minute or hour'),
        cpu: z.number().nullable().meta({ description: 'Of the whole machine, 0 to 1' }),
        load: z.number().nullable(),
        memoryUsed: count,
        memoryTotal: count,
        diskFree: count,
        diskTotal: count,
        processes: z.record(z.string(), z.object({ cpu: z.number().nullable(), memory: count })),
      }),
    ),
  })
  .meta({ id: 'NodeSamples' });
export const restartAskedSchema = requestSchema;
export const logReplySchema = z
  .object({
    lines: z.array(z.string()).nullable().meta({ description: 'null: the node keeps its logs, or the role has none' }),
    isCut: z.boolean(),
  })
  .meta({ id: 'LogTail' });

const micros = z
  .number()
  .int()
  .nonnegative()
  .max(1e15)
  .meta({ description: "Millionths of the platform's currency unit" });
const priceSchema = z
  .object({
    platform: z.string(),
    level: z.string(),
    resource: z.string(),
    endpoint: z.string().nullable(),
    micros,
    isOwn: z.boolean().meta({ description: 'Set here; else as published' }),
  })
  .meta({ id: 'Price' });
export const budgetsReplySchema = z
  .object({
    month: z.string(),
    budgets: z.array(z.object({ scope: z.string(), budgetMicros: micros, spentMicros: micros })),
    spend: z.array(
      z.object({
        collection: z.string(),
        user: z.string(),
        platform: z.string(),
        resource: z.string(),
        units: count,
        micros,
        inDoubtMicros: micros,
      }),
    ),
    prices: z.array(priceSchema),
    pauses: z.array(
      z.object({
        credential: z.string(),
        endpoint: z.string(),
        resource: z.string(),
        why: z.string(),
        sentence: z.string(),
        since: instant('Since when'),
        until: instant('Until when; null: until a person mends it').nullable(),
      }),
    ),
  })
  .meta({ id: 'Budgets' });
export const budgetChangeSchema = z.strictObject({
  scope: z
    .string()
    .max(300)
    .regex(/^$|^(collection|user):.{1,250}$/, 'is empty, collection:NAME or user:NAME'),
  monthlyMicros: micros.nullable().meta({ description: 'null: as much as it costs' }),
});
export const priceChangeSchema = z.strictObject({
  platform: z.literal('x'),
  level: z.string().min(1).max(60),
  resource: z.enum(['post', 'account', 'call']),
  endpoint: z.string().max(120).default(''),
  micros: micros.nullable().meta({ description: 'null: the published one holds again' }),
});

const abilitySchema = z.object({
  ability: z.string(),
  ok: z.boolean(),
  status: z.number().int(),
  sentence: z.string(),
});
export const credentialSchema = z
  .object({
    label: z.string(),
    platform: z.string(),
    kind: z.enum(['app', 'oauth1', 'oauth2']),
    level: z.string().nullable().meta({ description: 'What was bought with it; null: taken for pay-per-use' }),
    owner: z.string(),
    isMine: z.boolean(),
    abilities: z.array(abilitySchema).nullable().meta({ description: 'null: never tried' }),
    probedAt: instant('When it was tried last').nullable(),
    refused: z.string().nullable().meta({ description: 'Why it is not used; null while it is' }),
    refusedAt: instant('Since when it is not used').nullable(),
    addedAt: instant('When it was added'),
  })
  .meta({ id: 'Credential' });
export const credentialsReplySchema = z.object({ credentials: z.array(credentialSchema) }).meta({ id: 'Credentials' });
export const credentialParams = z.object({ label: z.string().min(1).max(63) });
export const credentialAddSchema = z.strictObject({
  label: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_.-]{0,62}$/, 'use 1 to 63 of a-z, 0-9, ".", "_", "-", beginning with a letter or digit'),
  kind: z.enum(['app', 'oauth1', 'oauth2']).optional(),
  level: z.string().max(40).optional(),
  fields: z
    .record(z.string().max(60), z.string().max(4_000))
    .refine((fields) => Object.keys(fields).length <= 20, 'has too many fields')
    .meta({ description: "As the platform's console names them: bearer_token, consumer_key, …" }),
});
export const credentialChangeSchema = z.strictObject({
  paused: z.boolean(),
  reason: z.string().trim().max(300).default(''),
});

const sizeSchema = z.object({ name: z.string(), bytes: count, rows: count });
export const notedBackupSchema = z
  .object({ at: z.iso.datetime(), who: z.string(), note: z.string() })
  .meta({ id: 'NotedBackup' });
export const storageReplySchema = z
  .object({
    database: z.object({
      version: z.string(),
      name: z.string(),
      bytes: count,
      connections: count,
      maxConnections: count,
      migrations: count,
      newestMigration: z.string(),
      tables: z.array(sizeSchema.extend({ partitions: z.array(sizeSchema) })),
    }),
    node: z.string(),
    backup: z.object({
      isAutomatic: z.literal(false),
      folders: z.array(z.object({ path: z.string(), why: z.string() })),
      last: notedBackupSchema.nullable().meta({ description: 'The newest that somebody noted' }),
      commands: z
        .array(z.object({ what: z.string(), command: z.string() }))
        .meta({ description: 'For a shell on the node that answers' }),
    }),
  })
  .meta({ id: 'Storage' });
export const settingsReplySchema = z
  .object({
    node: z.string(),
    settings: z.array(
      z.object({
        name: z.string(),
        value: z.string().meta({ description: 'Secrets are hidden' }),
        origin: z.string().meta({ description: 'environment, default or not set' }),
        doc: z.string(),
      }),
    ),
  })
  .meta({ id: 'Settings' });
export const versionReplySchema = z
  .object({
    version: z.string(),
    node: z.string(),
    runtime: z.string().meta({ description: "Node's version" }),
    database: z.string().meta({ description: "PostgreSQL's version" }),
    migrations: count,
    newestMigration: z.string(),
  })
  .meta({ id: 'Version' });
