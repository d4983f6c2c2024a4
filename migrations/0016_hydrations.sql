-- Lists of ids whose posts are asked for, what became of each id, and what was bought with a credential.

-- A list goes through in the order of its lines. Posts go to the collection's segments as frames; here is only what became of the ids.
create table hydrations (
  hydration_id integer generated always as identity primary key,
  collection_id integer not null unique references collections on delete cascade,
  platform text collate "C" not null,
  api text not null check (api in ('v2', 'v1.1')),
  -- the file's name, for people
  source text not null,
  state text not null check (state in ('filling', 'running', 'paused', 'done', 'cancelled')),
  -- why it is paused, and when it is tried again
  reason text,
  look_after timestamptz,
  -- grows with each re-check: 1 is the first time that all are asked for
  round integer not null default 1,
  added_at timestamptz not null,
  finished_at timestamptz
);

-- One row per id, each id once. position: of its first line in the file, from 0.
create table hydration_ids (
  hydration_id integer not null references hydrations on delete cascade,
  position bigint not null,
  post_id text collate "C" not null,
  -- it was read from a post, or was there in an earlier round: then not found means deleted
  existed boolean not null,
  -- null: not asked in this round; error: to be asked again
  outcome text check (outcome in ('ok', 'deleted', 'protected', 'suspended', 'not_found', 'error', 'invalid')),
  -- what it was before the round that is under way, to see what changed
  outcome_before text,
  message text,
  tries smallint not null default 0,
  asked_at timestamptz,
  primary key (hydration_id, position),
  unique (hydration_id, post_id)
);
create index hydration_ids_due on hydration_ids (hydration_id, position) where outcome is null;

-- What was bought: prices and the published limits depend on it. null: the dearest that is sold without a contract.
alter table credentials add column level text collate "C";
