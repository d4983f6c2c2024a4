-- Alerts, and what nodes say of their disks and processors. Instants of alerts are by the evaluator's clock, those of nodes by this server's.

-- A machine on which mistnet runs, as it said last. body: cpus, memory, load, disk, roles with their processes.
create table nodes (
  node text collate "C" primary key check (node ~ '^[a-z0-9_]{1,32}$'),
  version text not null,
  seen_at timestamptz not null,
  body jsonb not null
);

-- How a node fared: a mean of each minute for a day, of each hour for a quarter. samples: how many are in the mean.
create table node_samples (
  node text collate "C" not null references nodes on delete cascade,
  step text not null check (step in ('minute', 'hour')),
  at timestamptz not null,
  samples integer not null default 1,
  -- of the whole machine, 0 to 1
  cpu real,
  load real,
  memory_used bigint not null,
  memory_total bigint not null,
  disk_free bigint not null,
  disk_total bigint not null,
  -- by process: {"capture": {"cpu": 0.12, "memory": 123456}}; cpu in cores
  processes jsonb not null,
  primary key (node, step, at)
);

-- What people ask a node to do.
create table node_requests (
  request_id bigint generated always as identity primary key,
  node text collate "C" not null references nodes on delete cascade,
  role text not null check (role in ('capture', 'worker', 'server')),
  asked_by text not null,
  asked_at timestamptz not null default now(),
  -- somebody on the node has it in hand
  taken_at timestamptz,
  -- what came of it; null until it is known
  outcome text
);
create index node_requests_waiting on node_requests (node) where taken_at is null;

-- What differs from the rules that the program knows.
create table alert_rules (
  kind text collate "C" primary key,
  is_on boolean not null,
  threshold double precision not null,
  is_urgent boolean not null,
  -- channels by id; null: all of them
  channels bigint[],
  changed_by text not null,
  changed_at timestamptz not null
);

-- Where alerts are sent. secret: of a webhook, sealed like a credential's.
create table alert_channels (
  channel_id bigint generated always as identity primary key,
  kind text not null check (kind in ('mail', 'webhook')),
  address text not null,
  is_on boolean not null default true,
  key_id text collate "C",
  nonce bytea,
  sealed bytea,
  added_by text not null,
  added_at timestamptz not null,
  -- of the newest try
  tried_at timestamptz,
  failure text,
  unique (kind, address),
  check ((kind = 'webhook') = (sealed is not null))
);

-- One row. quiet_from, quiet_until: minutes after midnight in the zone; null: no quiet hours.
create table alert_settings (
  single boolean primary key default true check (single),
  zone text not null,
  quiet_from smallint check (quiet_from between 0 and 1439),
  quiet_until smallint check (quiet_until between 0 and 1439),
  remind_hours integer not null check (remind_hours between 0 and 8760),
  check ((quiet_from is null) = (quiet_until is null))
);

create table alerts (
  alert_id bigint generated always as identity primary key,
  kind text collate "C" not null,
  -- what it is about, within the kind
  subject text collate "C" not null,
  -- whose rights decide who sees it; null: administrators alone
  collection text collate "C",
  -- open -> acknowledged -> resolved (it is over) or expired (nothing more can be said of it)
  state text not null check (state in ('open', 'acknowledged', 'resolved', 'expired')),
  is_urgent boolean not null,
  sentence text not null,
  opened_at timestamptz not null,
  -- when it held last
  seen_at timestamptz not null,
  reminded_at timestamptz not null,
  acknowledged_by text,
  acknowledged_at timestamptz,
  note text,
  closed_at timestamptz,
  check ((state in ('resolved', 'expired')) = (closed_at is not null))
);
create unique index alerts_current on alerts (kind, subject) where closed_at is null;
create index alerts_closed_at on alerts (closed_at) where closed_at is not null;

-- What is to be sent, until it was: a row is written with what happened to its alert, in one transaction.
create table alert_deliveries (
  delivery_id bigint generated always as identity primary key,
  -- null: a test
  alert_id bigint references alerts on delete cascade,
  event text not null check (event in ('opened', 'reminder', 'resolved', 'test')),
  channel_id bigint not null references alert_channels on delete cascade,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'failed')),
  -- subject, text and what a webhook gets
  body jsonb not null,
  made_at timestamptz not null,
  not_before timestamptz not null,
  tries smallint not null default 0,
  failure text,
  ended_at timestamptz
);
create index alert_deliveries_waiting on alert_deliveries (not_before) where state = 'waiting';
create index alert_deliveries_alert_id on alert_deliveries (alert_id);
