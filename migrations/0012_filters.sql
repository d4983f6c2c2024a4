-- Filter collections. All of a credential share one connection, whose plan belongs to no collection: which of them a post belongs to is
-- told by rows, made from what the stream's rules meant when the post came.

alter table plans alter column collection_id drop not null;

-- One shared stream per credential. revision grows with whatever its posts mean or its rules are; meaning is the newest, as capture keeps it.
create table filter_streams (
  plan text collate "C" primary key references plans,
  platform text collate "C" not null,
  api text not null,
  credential text not null unique,
  -- begins the tags of our rules, so that those of others are left alone
  tag_prefix text collate "C" not null,
  revision integer not null default 0,
  meaning jsonb not null,
  -- how far the platform has it, when it was looked at last, and what it said
  synced_revision integer not null default -1,
  synced_at timestamptz,
  tried_at timestamptz,
  error text
);

-- Which nodes' capture has noted which revision beside its segments.
create table filter_told (
  plan text collate "C" not null references filter_streams on delete cascade,
  node text collate "C" not null,
  revision integer not null,
  told_at timestamptz not null,
  primary key (plan, node)
);

-- What a collection asks for; a change is a new version, none is ever overwritten.
create table filter_versions (
  collection_id integer not null references collections on delete cascade,
  version integer not null,
  definition jsonb not null,
  created_at timestamptz not null,
  created_by text not null,
  reason text not null,
  primary key (collection_id, version)
);

-- When a collection was active on which shared stream; to_at is null while it is.
create table filter_members (
  collection_id integer not null references collections on delete cascade,
  plan text collate "C" not null references filter_streams on delete cascade,
  from_at timestamptz not null,
  to_at timestamptz,
  primary key (collection_id, plan, from_at)
);
create unique index filter_members_active on filter_members (collection_id) where to_at is null;
create index filter_members_plan on filter_members (plan);

-- The words, people and places of all versions of a collection; observations name those that matched by seed_id.
create table filter_seeds (
  seed_id integer generated always as identity primary key,
  collection_id integer not null references collections on delete cascade,
  kind text not null,
  text text collate "C" not null,
  unique (collection_id, kind, text)
);

-- Rules of ours at the platform, present and past. Wanted from wanted_at to unwanted_at, there from present_at to gone_at.
create table filter_rules (
  rule_no bigint generated always as identity primary key,
  plan text collate "C" not null references filter_streams on delete cascade,
  tag text collate "C" not null,
  value text collate "C" not null,
  -- keys of the clauses that it bears
  clauses jsonb not null,
  -- the platform's id and the tag that it has there: another one where somebody else had made the same rule
  rule_id text collate "C",
  platform_tag text,
  is_foreign boolean not null default false,
  wanted_at timestamptz not null,
  present_at timestamptz,
  unwanted_at timestamptz,
  gone_at timestamptz,
  error text
);
create index filter_rules_open on filter_rules (plan) where gone_at is null;

-- Frames of a shared stream that were found to be a collection's, like load_totals of plans.
create table filter_totals (
  collection_id integer not null references collections on delete cascade,
  plan text collate "C" not null references plans,
  node text collate "C" not null,
  lane smallint not null,
  loaded bigint not null,
  primary key (collection_id, plan, node, lane)
);

-- Which of a collection's seeds found the post (seed_id); empty where it is known that one of them did, but not which. Null: not of a filter.
alter table observations add column matched integer[];

-- Which plans' frames a collection has, and since when until when: its own plan always, a shared one while it was active on it.
create view collection_plans as
  select collection_id, plan, '-infinity'::timestamptz as from_at, 'infinity'::timestamptz as to_at, false as is_shared
    from plans where collection_id is not null
  union all
  select collection_id, plan, from_at, coalesce(to_at, 'infinity'), true from filter_members;
