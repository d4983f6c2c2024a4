-- What is collected, by which plans, and which node does it.

create table collections (
  collection_id integer generated always as identity primary key,
  name text collate "C" not null unique check (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  kind text not null,
  platform text collate "C" not null,
  api text not null,
  -- files: segments alone, no rows; all: rows for ever; days:N: rows for N days
  keep text not null check (keep ~ '^(files|all|days:[1-9][0-9]{0,4})$'),
  zone text not null,
  wanted text not null check (wanted in ('active', 'stopped')),
  created_at timestamptz not null
);

create table plans (
  plan text collate "C" primary key,
  collection_id integer not null references collections,
  -- what plan.json beside the segments says
  body jsonb not null,
  revision integer not null default 1,
  -- how often the rows were thrown away to be loaded anew: tells running loaders to forget what they had finished
  rebuilds integer not null default 0
);
create index plans_collection_id on plans (collection_id);

-- Who captures a plan. The fence grows with each change of holder, so that an old holder can be told from the new one.
create table plan_leases (
  plan text collate "C" not null references plans on delete cascade,
  copy smallint not null,
  node text collate "C" not null,
  fence bigint not null,
  expires_at timestamptz not null,
  primary key (plan, copy)
);

-- What capture on each node says of a plan. stored_at: when its last news came, by this server's clock.
create table plan_status (
  plan text collate "C" not null references plans on delete cascade,
  node text collate "C" not null,
  status jsonb not null,
  observed_at timestamptz not null,
  stored_at timestamptz not null,
  primary key (plan, node)
);

-- Intervals in which a stream was not listened to. uncovered_ms: what is missing for good.
create table gaps (
  gap_id text collate "C" primary key,
  plan text collate "C" not null references plans on delete cascade,
  node text collate "C" not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  cause text not null,
  evidence text not null,
  backfilled_from timestamptz,
  uncovered_ms bigint not null
);
create index gaps_plan_from_at on gaps (plan, from_at);
