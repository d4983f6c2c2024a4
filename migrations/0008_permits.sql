-- The ledger of permits and of money, shared by all workers of all machines. Instants are by this server's clock, except reset_at_ms.

-- How each credential stands at each endpoint: one window at a time, which begins with its first call and ends in one step.
create table permit_windows (
  credential text collate "C" not null,
  endpoint text collate "C" not null,
  -- calls in a window: as published, then as the platform said
  calls_limit integer not null,
  window_ms bigint not null,
  spacing_ms bigint not null,
  -- grows with each window; null fields after it: nothing was heard of this window yet
  fence bigint not null default 0,
  opened_at timestamptz,
  -- by the platform's clock: which window it is
  reset_at_ms bigint,
  -- another one that one answer told of this window
  rival_reset_at_ms bigint,
  previous_reset_at_ms bigint,
  -- the window ends between these two
  ends_from timestamptz,
  ends_by timestamptz,
  -- the platform's word that windows are longer than was published
  is_longer boolean not null default false,
  settled integer not null default 0,
  told integer not null default 0,
  silent integer not null default 0,
  last_silent_at timestamptz,
  last_settled_at timestamptz,
  -- no answer was ever heard: one call at a time
  is_probing boolean not null default true,
  not_before timestamptz,
  margin_ms integer not null default 0,
  refusals integer not null default 0,
  -- of the UTC day, for people
  day date,
  used_today integer not null default 0,
  refused_today integer not null default 0,
  -- permits whose worker went away without a word: counted as used, perhaps never called
  lost_today integer not null default 0,
  primary key (credential, endpoint)
);

-- Processes that make calls. seq: the last exchange that was booked, so that one repeated after a lost answer is not booked twice.
create table permit_workers (
  worker text collate "C" primary key,
  node text collate "C" not null,
  seq bigint not null,
  expires_at timestamptz not null
);

-- Permits handed out and not accounted for. They count as used until their worker says otherwise, or is gone and the window over.
create table permit_leases (
  credential text collate "C" not null,
  endpoint text collate "C" not null,
  worker text collate "C" not null,
  holding integer not null,
  asked_at timestamptz not null,
  expires_at timestamptz not null,
  primary key (endpoint, credential, worker)
);

-- Why a credential is not used, for an endpoint or (empty) for all, for calls billed by a resource or (empty) any. until null: until a person mends it.
create table permit_pauses (
  credential text collate "C" not null,
  endpoint text collate "C" not null,
  resource text not null,
  why text not null,
  sentence text not null,
  since timestamptz not null,
  until timestamptz,
  primary key (credential, endpoint, resource)
);

-- Money is in millionths of the platform's currency unit. Prices that differ from those known to the program; endpoint empty: any.
create table prices (
  platform text collate "C" not null,
  level text collate "C" not null,
  resource text not null,
  endpoint text collate "C" not null default '',
  micros bigint not null check (micros >= 0),
  primary key (platform, level, resource, endpoint)
);

-- What may be spent in a UTC month. scope: '' for all together, 'collection:NAME', 'user:NAME'.
create table budgets (
  scope text collate "C" primary key,
  monthly_micros bigint not null check (monthly_micros >= 0),
  set_at timestamptz not null
);

-- The meter. in_doubt: reserved by a worker that went away without a word; counted as spent.
create table spend (
  month date not null,
  collection text collate "C" not null,
  user_label text collate "C" not null,
  platform text collate "C" not null,
  resource text not null,
  units bigint not null,
  micros bigint not null,
  in_doubt_micros bigint not null default 0,
  primary key (month, collection, user_label, platform, resource)
);

-- Money set aside for calls that workers are about to make.
create table money_leases (
  worker text collate "C" not null,
  collection text collate "C" not null,
  user_label text collate "C" not null,
  month date not null,
  micros bigint not null,
  expires_at timestamptz not null,
  primary key (worker, collection, user_label)
);
