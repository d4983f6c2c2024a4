-- Accounts that are followed for years. What payloads say of any account is in `accounts`; here is what people and checks know of those they chose.

create table followed_accounts (
  platform text collate "C" not null,
  -- the platform's own id: it alone is the identity, and it never changes
  account_id text collate "C" not null,
  -- as the platform wrote it when last looked at
  handle text not null,
  active boolean not null default true,
  state text not null default 'public' check (state in ('public', 'protected', 'suspended', 'gone')),
  state_since timestamptz not null,
  checked_at timestamptz not null,
  check_after timestamptz not null,
  added_at timestamptz not null,
  primary key (platform, account_id)
);
create index followed_accounts_handle on followed_accounts (platform, lower(handle));
create index followed_accounts_check on followed_accounts (check_after) where active;

-- Every name under which an account was met, from the first on. noted_at: when we saw that it had the name, not when it took it.
create table account_names (
  platform text collate "C" not null,
  account_id text collate "C" not null,
  noted_at timestamptz not null,
  handle text not null,
  primary key (platform, account_id, noted_at),
  foreign key (platform, account_id) references followed_accounts on delete cascade
);
create index account_names_handle on account_names (platform, lower(handle));

-- Profiles as received, one row for each that differs from the one before in more than its counts.
create table account_profiles (
  platform text collate "C" not null,
  account_id text collate "C" not null,
  observed_at timestamptz not null,
  profile json not null,
  primary key (platform, account_id, observed_at),
  foreign key (platform, account_id) references followed_accounts on delete cascade
);

-- Each change of state with what showed it: which endpoint said what, and when.
create table account_states (
  platform text collate "C" not null,
  account_id text collate "C" not null,
  since timestamptz not null,
  state text not null,
  endpoint text not null,
  evidence text not null,
  primary key (platform, account_id, since),
  foreign key (platform, account_id) references followed_accounts on delete cascade
);

create table account_sets (
  set_id integer generated always as identity primary key,
  name text not null,
  notes text not null default '',
  created_at timestamptz not null
);
create unique index account_sets_name on account_sets (lower(name));

create table account_set_members (
  set_id integer not null references account_sets on delete cascade,
  platform text collate "C" not null,
  account_id text collate "C" not null,
  added_at timestamptz not null,
  primary key (set_id, platform, account_id),
  foreign key (platform, account_id) references followed_accounts on delete cascade
);

-- What a collection follows. A timeline collection without any row follows all active accounts.
create table collection_seeds (
  seed_id integer generated always as identity primary key,
  collection_id integer not null references collections,
  set_id integer references account_sets,
  platform text collate "C",
  account_id text collate "C",
  added_at timestamptz not null,
  removed_at timestamptz,
  check ((set_id is null) <> (account_id is null))
);
create index collection_seeds_collection on collection_seeds (collection_id);

-- How far each timeline has been read. sweep: the reading under way {"sinceId","topId","lowId","pages","posts","startedAt"}; null between two.
create table timelines (
  collection_id integer not null references collections,
  platform text collate "C" not null,
  account_id text collate "C" not null,
  -- everything up to here that the platform would give has been read
  newest_id text collate "C",
  sweep jsonb,
  -- posts per day as seen by the last readings
  daily_rate double precision,
  due_at timestamptz not null,
  swept_at timestamptz,
  failures integer not null default 0,
  primary key (collection_id, platform, account_id)
);
create index timelines_due on timelines (due_at);

-- One row per reading of one timeline, whatever became of it.
create table timeline_runs (
  run_id uuid primary key,
  collection_id integer not null references collections,
  platform text collate "C" not null,
  account_id text collate "C" not null,
  node text collate "C" not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  pages integer not null default 0,
  posts integer not null default 0,
  outcome text check (outcome in ('done', 'protected', 'suspended', 'gone', 'failed', 'interrupted')),
  error text
);
create index timeline_runs_collection on timeline_runs (collection_id, started_at);
create index timeline_runs_account on timeline_runs (platform, account_id, started_at);
