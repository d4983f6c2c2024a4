-- Rows of a collection that keeps posts for so many days go when they are older, and only while the segments they came from are whole on
-- the disk, so that a rebuild could bring them back.

-- When a segment's file was last found to be what its manifest says, by the node that has it.
alter table segments add column verified_at timestamptz;

-- What each day's retention removed. It runs once per node and UTC day; a day that has a row is done.
create table retention_runs (
  node text collate "C" not null,
  day date not null,
  observations bigint not null,
  posts bigint not null,
  -- partitions dropped whole
  partitions integer not null,
  -- segments that were not found whole: their rows stayed
  unverified integer not null,
  ran_at timestamptz not null,
  primary key (node, day)
);
