-- Hourly datasets that were built, with all their revisions; the files themselves lie in folders.
create table datasets (
  dataset_id bigint generated always as identity primary key,
  collection_id integer not null references collections,
  hour timestamptz not null,
  revision integer not null check (revision > 0),
  -- built before the hour was finished
  partial boolean not null,
  report text not null,
  manifest jsonb not null,
  folder text not null,
  built_at timestamptz not null,
  superseded_at timestamptz,
  unique (collection_id, hour, revision)
);
create unique index datasets_current on datasets (collection_id, hour) where superseded_at is null;
