/** What the server asks to operate mistnet: nodes, alerts, money, keys, storage, settings. Each function is one question or one deed. */
import { randomBytes } from 'node:crypto';
import { KNOWN_PRICES, type Price } from '../../core/permits/price-table.ts';
import { Secret } from '../../core/secret.ts';
import type { Clock } from '../../core/time.ts';
import { type AlertKind, alertKinds, alertRules } from '../../jobs/alerts/alert-rules.ts';
import { testMessage, titleOf } from '../../jobs/alerts/alert-words.ts';
import { rulesInForce } from '../../jobs/alerts/evaluate-alerts.ts';
import { webhookLabel } from '../../jobs/alerts/send-alerts.ts';
import type { CredentialTest } from '../../jobs/test-credentials.ts';
import {
  acknowledgeAlert,
  type AlertRow,
  closedAlerts,
  currentAlerts,
  findAlert,
} from '../../store/alerts/alert-rows.ts';
import {
  addChannel,
  type AlertChannel,
  alertChannels,
  alertSettings,
  removeChannel,
  storeAlertSettings,
  type StoredAlertSettings,
  storedRules,
  storeRule,
  turnChannel,
} from '../../store/alerts/alert-settings.ts';
import { type DeliveryLine, enqueueTest, listDeliveries } from '../../store/alerts/deliveries.ts';
import { queueDepths } from '../../store/alerts/measure-facts.ts';
import { noteServerFailure } from '../../store/alerts/server-failures.ts';
import type { Keyring } from '../../store/credentials/keyring.ts';
import { sealSecret } from '../../store/credentials/sealed-secret.ts';
import {
  addCredential,
  type Credential,
  type CredentialKind,
  listCredentials,
  noteRefusal,
  removeCredential,
} from '../../store/credentials/credentials.ts';
import type { Database } from '../../store/db.ts';
import { askRestart, listRequests, type NodeRequest, type RestartableRole } from '../../store/nodes/node-requests.ts';
import { diskPaces, type NodeSample, nodeSamples } from '../../store/nodes/node-samples.ts';
import { forgetNode, listNodes, type NodeStatus } from '../../store/nodes/node-status.ts';
import { lastBackup, type NotedBackup } from '../../store/nodes/backups.ts';
import { type DatabaseReport, databaseReport } from '../../store/nodes/storage-report.ts';
import { budgetReport, loadPrices, setBudget, setPrice } from '../../store/permits/budgets.ts';
import { permitStandings } from '../../store/permits/permit-standings.ts';
import { findCollection } from '../../store/queries/find-collection.ts';
import { listCollections } from '../../store/queries/list-collections.ts';
import type { BackupPlace } from '../backup-commands.ts';
import type { NotedFailure } from '../problems.ts';
import { readLogTail } from '../log-tail.ts';

/** What of the installation the server cannot ask the database. */
export type Installation = {
  node: string;
  version: string;
  home: string;
  logsFolder: string;
  /** The file with the password of mistnet's own PostgreSQL; absent where another one is used. */
  passwordFile?: string;
  /** Effective settings; secrets are hidden in them. */
  settings: readonly { name: string; value: string; origin: string; doc: string }[];
  hasMail: boolean;
  /** Where alerts are on the page; null when not known. */
  alertsPage: string | null;
  openRing: () => Promise<Keyring>;
  testCredential: (label: string) => Promise<CredentialTest[]>;
  /** Which kind the fields make. Throws `usage.invalid`, naming fields, never values. */
  kindOfFields: (
    fields: ReadonlyMap<string, Secret>,
    wanted?: CredentialKind,
  ) => { kind: CredentialKind; fields: ReadonlyMap<string, Secret> };
  canonicalField: (name: string) => string;
};

export type RuleReply = {
  kind: AlertKind;
  title: string;
  explanation: string;
  isOn: boolean;
  threshold: number;
  unit: string;
  least: number;
  most: number;
  fallback: number;
  isUrgent: boolean;
  channels: string[] | null;
  changedBy: string | null;
  changedAt: string | null;
};

export type AlertReply = AlertRow & { title: string };

export type OperationsSources = ReturnType<typeof operationsSources>;

export function operationsSources({
  db,
  clock,
  installation,
}: {
  db: Database;
  clock: Clock;
  installation: Installation;
}) {
  const now = () => new Date(clock.now()).toISOString();
  return {
    // Alerts
    currentAlerts: async (only?: readonly string[]): Promise<AlertReply[]> =>
      (await currentAlerts(db, only)).map(withTitle),
    closedAlerts: async (page: Parameters<typeof closedAlerts>[1]): Promise<AlertReply[]> =>
      (await closedAlerts(db, page)).map(withTitle),
    findAlert: (alertId: string) => findAlert(db, alertId),
    acknowledge: async (wish: { alertId: string; by: string; note: string }): Promise<AlertReply | undefined> => {
      const alert = await acknowledgeAlert(db, { ...wish, at: now() });
      return alert === undefined ? undefined : withTitle(alert);
    },
    rules: async (): Promise<RuleReply[]> => {
      const [inForce, stored] = await Promise.all([rulesInForce(db), storedRules(db)]);
      const byKind = new Map(stored.map((rule) => [rule.kind, rule]));
      return alertKinds.map((kind) => {
        const { title, explanation, threshold } = alertRules[kind];
        const { fallback, unit, least, most } = threshold;
        const { isOn, threshold: value, isUrgent, channels } = inForce[kind];
        const own = byKind.get(kind);
        return {
          ...{ kind, title, explanation, isOn, threshold: value, unit, least, most, fallback, isUrgent },
          ...{ channels: channels === null ? null : [...channels] },
          ...{ changedBy: own?.changedBy ?? null, changedAt: own?.changedAt ?? null },
        };
      });
    },
    setRule: async (
      kind: AlertKind,
      rule: { isOn: boolean; threshold: number; isUrgent: boolean; channels: string[] | null } | null,
      by: string,
    ): Promise<void> => await storeRule(db, kind, rule === null ? null : { ...rule, changedBy: by, changedAt: now() }),
    channels: async (): Promise<AlertChannel[]> => alertChannels(db),
    deliveries: (limit: number): Promise<DeliveryLine[]> => listDeliveries(db, limit),
    /** Undefined when there is one already. `secret`: of a webhook, shown this once. */
    addChannel: async (wish: {
      kind: 'mail' | 'webhook';
      address: string;
      by: string;
    }): Promise<{ channelId: string; secret: string | null } | undefined> => {
      const { kind, address, by } = wish;
      if (kind === 'mail') {
        const channelId = await addChannel(db, { kind, address, by, at: now() });
        return channelId === undefined ? undefined : { channelId, secret: null };
      }
      const secret = randomBytes(32).toString('base64url');
      const sealed = sealSecret(await installation.openRing(), webhookLabel(address), secret);
      const channelId = await addChannel(db, { kind, address, by, at: now(), secret: sealed });
      return channelId === undefined ? undefined : { channelId, secret };
    },
    turnChannel: (channelId: string, isOn: boolean) => turnChannel(db, channelId, isOn),
    removeChannel: (channelId: string) => removeChannel(db, channelId),
    /** The id of the delivery; undefined when there is no such channel. */
    testChannel: (channelId: string, by: string) =>
      enqueueTest(db, { channelId, nowMs: clock.now(), body: testMessage(by, installation.alertsPage) }),
    alertSettings: (): Promise<StoredAlertSettings> => alertSettings(db),
    setAlertSettings: (settings: StoredAlertSettings) => storeAlertSettings(db, settings),
    /** A request that failed for a fault of the server: administrators are told. */
    noteFailure: (failure: NotedFailure) => noteServerFailure(db, { node: installation.node, ...failure }, clock.now()),
    hasMail: installation.hasMail,
    collectionNames: async (): Promise<string[]> => (await listCollections(db)).map(({ name }) => name),

    // Nodes
    nodes: async (): Promise<
      (NodeStatus & { isHere: boolean; bytesPerDay: number | null; fullInDays: number | null; paceSeconds: number })[]
    > => {
      const [nodes, paces] = await Promise.all([listNodes(db), diskPaces(db)]);
      return nodes.map((node) => {
        const { bytesPerDay, overSec } = paces.get(node.node) ?? { bytesPerDay: null, overSec: 0 };
        const fullInDays = bytesPerDay === null || bytesPerDay === 0 ? null : node.disk.freeBytes / bytesPerDay;
        return { ...node, isHere: node.node === installation.node, bytesPerDay, fullInDays, paceSeconds: overSec };
      });
    },
    nodeSamples: (node: string, step: 'minute' | 'hour'): Promise<NodeSample[]> => nodeSamples(db, node, step),
    requests: (): Promise<NodeRequest[]> => listRequests(db),
    askRestart: (wish: { node: string; role: RestartableRole; askedBy: string }) => askRestart(db, wish),
    forgetNode: (node: string) => forgetNode(db, node),
    /** The last lines of a role's log on the node that answers; undefined for other nodes, whose files are not here. */
    logTail: async (node: string, role: string): Promise<{ lines: string[]; isCut: boolean } | undefined> =>
      node === installation.node ? await readLogTail(installation.logsFolder, role) : undefined,

    // Money
    budgets: () => budgetReport(db),
    setBudget: async (scope: string, micros: number | undefined): Promise<void> => {
      if (scope.startsWith('collection:')) await findCollection(db, scope.slice('collection:'.length));
      await setBudget(db, scope, micros);
    },
    prices: async (): Promise<(Price & { isOwn: boolean })[]> => {
      const prices = await loadPrices(db);
      const keyOf = (price: Price) => `${price.platform} ${price.level} ${price.resource} ${price.endpoint ?? ''}`;
      const known = new Set<Price>(KNOWN_PRICES);
      const own = new Map(prices.filter((price) => !known.has(price)).map((price) => [keyOf(price), price]));
      return [
        ...KNOWN_PRICES.filter((price) => !own.has(keyOf(price))).map((price) => ({ ...price, isOwn: false })),
        ...[...own.values()].map((price) => ({ ...price, isOwn: true })),
      ];
    },
    setPrice: (price: Omit<Price, 'micros'> & { micros: number | undefined }) => setPrice(db, price),
    standings: () => permitStandings(db),

    // Keys
    credentials: (): Promise<Credential[]> => listCredentials(db),
    /** Throws `usage.invalid` and `credential.exists`. */
    addCredential: async (wish: {
      label: string;
      owner: string;
      kind?: CredentialKind | undefined;
      level?: string | undefined;
      fields: Readonly<Record<string, string>>;
    }): Promise<Credential> => {
      const given = new Map(
        Object.entries(wish.fields).map(([name, value]) => [
          installation.canonicalField(name),
          new Secret(value.trim()),
        ]),
      );
      const found = installation.kindOfFields(given, wish.kind);
      const { label, owner, level } = wish;
      return await addCredential(db, await installation.openRing(), clock, {
        ...{ label, platform: 'x', owner, ...found },
        ...(level === undefined ? {} : { level }),
      });
    },
    testCredential: (label: string) => installation.testCredential(label),
    removeCredential: (label: string) => removeCredential(db, label),
    /** `null`: into use again, wherever it was taken out. */
    pauseCredential: async (label: string, reason: string | null): Promise<void> => {
      await noteRefusal(db, clock, label, reason);
    },

    queueDepths: () => queueDepths(db),

    // Storage and settings
    database: (): Promise<DatabaseReport> => databaseReport(db),
    lastBackup: (): Promise<NotedBackup | undefined> => lastBackup(db),
    /** What the commands of a backup are made of; the report tells the rest. */
    backupPlace: ({ name, user, version }: DatabaseReport): BackupPlace => ({
      ...{ home: installation.home, node: installation.node },
      database: {
        ...{ address: db.address, user, name, version },
        ...(installation.passwordFile === undefined ? {} : { passwordFile: installation.passwordFile }),
      },
    }),
    settings: () => installation.settings,
    node: installation.node,
    version: installation.version,
  };
}

function withTitle(alert: AlertRow): AlertReply {
  return { ...alert, title: titleOf(alert.kind) };
}
