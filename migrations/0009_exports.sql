-- Exports that were asked for, what became of them, and how far those under way have come. The files lie on the disk of `node`.

create table exports (
  export_id bigint generated always as identity primary key,
  name text collate "C" not null unique check (name ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
  node text collate "C" not null,
  folder text not null,
  -- what is selected and how it is written, as it was asked for
  request jsonb not null,
  -- whether a worker of the node does it; otherwise the command that asked for it
  background boolean not null,
  state text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
  cancel_wanted boolean not null default false,
  -- null until counted
  rows_total bigint,
  rows_done bigint not null default 0,
  bytes_done bigint not null default 0,
  -- why it failed, one sentence
  reason text,
  asked_at timestamptz not null,
  started_at timestamptz,
  -- by this server's clock; a running one that has been silent for long has lost its worker
  progressed_at timestamptz,
  finished_at timestamptz
);
create index exports_waiting on exports (node) where state in ('queued', 'running');
