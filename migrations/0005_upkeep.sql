-- What retention and compaction did and could not do, so that people see it without reading logs or folders.

-- Segments whose rows stayed, at most a hundred of a run: [{"plan", "node", "segment", "reason"}].
alter table retention_runs add column lacking jsonb not null default '[]';

-- A run's part in each collection that it had to do with.
create table retention_shares (
  node text collate "C" not null,
  day date not null,
  collection_id integer not null references collections on delete cascade,
  observations bigint not null,
  -- segments that were not found whole: their rows stayed
  unverified integer not null,
  primary key (collection_id, day, node),
  foreign key (node, day) references retention_runs on delete cascade
);

-- The compacted files of each node. segments_bytes: what the packed files of the segments in it took.
create table compactions (
  plan text collate "C" not null references plans on delete cascade,
  node text collate "C" not null,
  file text collate "C" not null,
  hour timestamptz not null,
  segments integer not null,
  bytes bigint not null,
  segments_bytes bigint not null,
  compressed_bytes bigint not null,
  compacted_at timestamptz not null,
  primary key (plan, file)
);

-- Hours that a node could not put together, with the reason, until it can.
create table compaction_troubles (
  plan text collate "C" not null references plans on delete cascade,
  node text collate "C" not null,
  hour timestamptz not null,
  segment text collate "C" not null,
  reason text not null,
  noticed_at timestamptz not null,
  primary key (plan, node, hour, segment)
);
