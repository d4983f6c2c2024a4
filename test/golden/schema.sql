create table account_names (
  platform text collate "C" not null,
  account_id text collate "C" not null,
  noted_at timestamp with time zone not null,
  handle text not null,
  constraint account_names_platform_account_id_fkey FOREIGN KEY (platform, account_id) REFERENCES followed_accounts(platform, account_id) ON DELETE CASCADE,
  constraint account_names_pkey PRIMARY KEY (platform, account_id, noted_at)
);

CREATE INDEX account_names_handle ON public.account_names USING btree (platform, lower(handle));

create table account_profiles (
  platform text collate "C" not null,
  account_id text collate "C" not null,
  observed_at timestamp with time zone not null,
  profile json not null,
  constraint account_profiles_platform_account_id_fkey FOREIGN KEY (platform, account_id) REFERENCES followed_accounts(platform, account_id) ON DELETE CASCADE,
  constraint account_profiles_pkey PRIMARY KEY (platform, account_id, observed_at)
);

create table account_set_members (
  set_id integer not null,
  platform text collate "C" not null,
  account_id text collate "C" not null,
  added_at timestamp with time zone not null,
  constraint account_set_members_platform_account_id_fkey FOREIGN KEY (platform, account_id) REFERENCES followed_accounts(platform, account_id) ON DELETE CASCADE,
  constraint account_set_members_set_id_fkey FOREIGN KEY (set_id) REFERENCES account_sets(set_id) ON DELETE CASCADE,
  constraint account_set_members_pkey PRIMARY KEY (set_id, platform, account_id)
);

create table account_sets (
  set_id integer generated always as identity not null,
  name text not null,
  notes text not null default ''::text,
  created_at timestamp with time zone not null,
  constraint account_sets_pkey PRIMARY KEY (set_id)
);

CREATE UNIQUE INDEX account_sets_name ON public.account_sets USING btree (lower(name));

create table account_states (
  platform text collate "C" not null,
  account_id text collate "C" not null,
  since timestamp with time zone not null,
  state text not null,
  endpoint text not null,
  evidence text not null,
  constraint account_states_platform_account_id_fkey FOREIGN KEY (platform, account_id) REFERENCES followed_accounts(platform, account_id) ON DELETE CASCADE,
  constraint account_states_pkey PRIMARY KEY (platform, account_id, since)
);

create table accounts (
  platform text collate "C" not null,
  account_id text collate "C" not null,
  handle text,
  name text,
  created_at timestamp with time zone,
  location text,
  description text,
  verified boolean,
  protected boolean,
  followers bigint,
  following bigint,
  posts bigint,
  listed bigint,
  altered text[],
  first_seen_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  constraint accounts_pkey PRIMARY KEY (platform, account_id)
);

create table budgets (
  scope text collate "C" not null,
  monthly_micros bigint not null,
  set_at timestamp with time zone not null,
  constraint budgets_monthly_micros_check CHECK ((monthly_micros >= 0)),
  constraint budgets_pkey PRIMARY KEY (scope)
);

create table collection_seeds (
  seed_id integer generated always as identity not null,
  collection_id integer not null,
  set_id integer,
  platform text collate "C",
  account_id text collate "C",
  added_at timestamp with time zone not null,
  removed_at timestamp with time zone,
  constraint collection_seeds_check CHECK (((set_id IS NULL) <> (account_id IS NULL))),
  constraint collection_seeds_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id),
  constraint collection_seeds_set_id_fkey FOREIGN KEY (set_id) REFERENCES account_sets(set_id),
  constraint collection_seeds_pkey PRIMARY KEY (seed_id)
);

CREATE INDEX collection_seeds_collection ON public.collection_seeds USING btree (collection_id);

create table collections (
  collection_id integer generated always as identity not null,
  name text collate "C" not null,
  kind text not null,
  platform text collate "C" not null,
  api text not null,
  keep text not null,
  zone text not null,
  wanted text not null,
  created_at timestamp with time zone not null,
  constraint collections_keep_check CHECK ((keep ~ '^(files|all|days:[1-9][0-9]{0,4})$'::text)),
  constraint collections_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'::text)),
  constraint collections_wanted_check CHECK ((wanted = ANY (ARRAY['active'::text, 'stopped'::text]))),
  constraint collections_pkey PRIMARY KEY (collection_id),
  constraint collections_name_key UNIQUE (name)
);

create table compaction_troubles (
  plan text collate "C" not null,
  node text collate "C" not null,
  hour timestamp with time zone not null,
  segment text collate "C" not null,
  reason text not null,
  noticed_at timestamp with time zone not null,
  constraint compaction_troubles_plan_fkey FOREIGN KEY (plan) REFERENCES plans(plan) ON DELETE CASCADE,
  constraint compaction_troubles_pkey PRIMARY KEY (plan, node, hour, segment)
);

create table compactions (
  plan text collate "C" not null,
  node text collate "C" not null,
  file text collate "C" not null,
  hour timestamp with time zone not null,
  segments integer not null,
  bytes bigint not null,
  segments_bytes bigint not null,
  compressed_bytes bigint not null,
  compacted_at timestamp with time zone not null,
  constraint compactions_plan_fkey FOREIGN KEY (plan) REFERENCES plans(plan) ON DELETE CASCADE,
  constraint compactions_pkey PRIMARY KEY (plan, file)
);

create table credentials (
  credential_id integer generated always as identity not null,
  label text collate "C" not null,
  platform text collate "C" not null,
  kind text not null,
  owner text not null default ''::text,
  key_id text collate "C" not null,
  nonce bytea not null,
  sealed bytea not null,
  abilities jsonb,
  probed_at timestamp with time zone,
  refused text,
  refused_at timestamp with time zone,
  added_at timestamp with time zone not null,
  constraint credentials_kind_check CHECK ((kind = ANY (ARRAY['app'::text, 'oauth1'::text, 'oauth2'::text]))),
  constraint credentials_label_check CHECK ((label ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'::text)),
  constraint credentials_pkey PRIMARY KEY (credential_id),
  constraint credentials_label_key UNIQUE (label)
);

create table datasets (
  dataset_id bigint generated always as identity not null,
  collection_id integer not null,
  hour timestamp with time zone not null,
  revision integer not null,
  partial boolean not null,
  report text not null,
  manifest jsonb not null,
  folder text not null,
  built_at timestamp with time zone not null,
  superseded_at timestamp with time zone,
  constraint datasets_revision_check CHECK ((revision > 0)),
  constraint datasets_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id),
  constraint datasets_pkey PRIMARY KEY (dataset_id),
  constraint datasets_collection_id_hour_revision_key UNIQUE (collection_id, hour, revision)
);

CREATE UNIQUE INDEX datasets_current ON public.datasets USING btree (collection_id, hour) WHERE (superseded_at IS NULL);

create table exports (
  export_id bigint generated always as identity not null,
  name text collate "C" not null,
  node text collate "C" not null,
  folder text not null,
  request jsonb not null,
  background boolean not null,
  state text not null,
  cancel_wanted boolean not null default false,
  rows_total bigint,
  rows_done bigint not null default 0,
  bytes_done bigint not null default 0,
  reason text,
  asked_at timestamp with time zone not null,
  started_at timestamp with time zone,
  progressed_at timestamp with time zone,
  finished_at timestamp with time zone,
  constraint exports_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'::text)),
  constraint exports_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text]))),
  constraint exports_pkey PRIMARY KEY (export_id),
  constraint exports_name_key UNIQUE (name)
);

CREATE INDEX exports_waiting ON public.exports USING btree (node) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

create table followed_accounts (
  platform text collate "C" not null,
  account_id text collate "C" not null,
  handle text not null,
  active boolean not null default true,
  state text not null default 'public'::text,
  state_since timestamp with time zone not null,
  checked_at timestamp with time zone not null,
  check_after timestamp with time zone not null,
  added_at timestamp with time zone not null,
  constraint followed_accounts_state_check CHECK ((state = ANY (ARRAY['public'::text, 'protected'::text, 'suspended'::text, 'gone'::text]))),
  constraint followed_accounts_pkey PRIMARY KEY (platform, account_id)
);

CREATE INDEX followed_accounts_check ON public.followed_accounts USING btree (check_after) WHERE active;

CREATE INDEX followed_accounts_handle ON public.followed_accounts USING btree (platform, lower(handle));

create table gaps (
  gap_id text collate "C" not null,
  plan text collate "C" not null,
  node text collate "C" not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone not null,
  cause text not null,
  evidence text not null,
  backfilled_from timestamp with time zone,
  uncovered_ms bigint not null,
  constraint gaps_plan_fkey FOREIGN KEY (plan) REFERENCES plans(plan) ON DELETE CASCADE,
  constraint gaps_pkey PRIMARY KEY (gap_id)
);

CREATE INDEX gaps_plan_from_at ON public.gaps USING btree (plan, from_at);

create table links (
  link_id bigint generated always as identity not null,
  url_sha256 bytea not null,
  url text not null,
  state text not null,
  tries smallint not null default 0,
  due_at timestamp with time zone,
  history jsonb not null default '[]'::jsonb,
  final_url text,
  final_status smallint,
  final_headers jsonb,
  duration_ms integer,
  checked_at timestamp with time zone,
  cause text,
  noted_at timestamp with time zone not null,
  constraint links_check CHECK (((state = 'due'::text) = (due_at IS NOT NULL))),
  constraint links_state_check CHECK ((state = ANY (ARRAY['due'::text, 'done'::text, 'refused'::text, 'unreachable'::text]))),
  constraint links_url_sha256_check CHECK ((length(url_sha256) = 32)),
  constraint links_pkey PRIMARY KEY (link_id),
  constraint links_url_sha256_key UNIQUE (url_sha256)
);

CREATE INDEX links_checked_at ON public.links USING btree (checked_at);

CREATE INDEX links_due_at ON public.links USING btree (due_at) WHERE (state = 'due'::text);

create table load_totals (
  plan text collate "C" not null,
  node text collate "C" not null,
  lane smallint not null,
  loaded bigint not null,
  quarantined bigint not null,
  control bigint not null,
  constraint load_totals_plan_fkey FOREIGN KEY (plan) REFERENCES plans(plan),
  constraint load_totals_pkey PRIMARY KEY (plan, node, lane)
);

create table migrations (
  number integer not null,
  name text not null,
  sha256 text not null,
  applied_at timestamp with time zone not null default now(),
  constraint migrations_pkey PRIMARY KEY (number)
);

create table money_leases (
  worker text collate "C" not null,
  collection text collate "C" not null,
  user_label text collate "C" not null,
  month date not null,
  micros bigint not null,
  expires_at timestamp with time zone not null,
  constraint money_leases_pkey PRIMARY KEY (worker, collection, user_label)
);

create table observations (
  collection_id integer not null,
  captured_at timestamp with time zone not null,
  segment_id bigint not null,
  content_offset bigint not null,
  platform text collate "C" not null,
  post_id text collate "C" not null,
  id_at timestamp with time zone not null,
  reposts bigint,
  replies bigint,
  likes bigint,
  quotes bigint,
  bookmarks bigint,
  impressions bigint,
  constraint observations_pkey PRIMARY KEY (collection_id, captured_at, segment_id, content_offset)
) partition by range (captured_at);

CREATE INDEX observations_post ON ONLY public.observations USING btree (post_id, platform);

create table permit_leases (
  credential text collate "C" not null,
  endpoint text collate "C" not null,
  worker text collate "C" not null,
  holding integer not null,
  asked_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint permit_leases_pkey PRIMARY KEY (endpoint, credential, worker)
);

create table permit_pauses (
  credential text collate "C" not null,
  endpoint text collate "C" not null,
  resource text not null,
  why text not null,
  sentence text not null,
  since timestamp with time zone not null,
  until timestamp with time zone,
  constraint permit_pauses_pkey PRIMARY KEY (credential, endpoint, resource)
);

create table permit_windows (
  credential text collate "C" not null,
  endpoint text collate "C" not null,
  calls_limit integer not null,
  window_ms bigint not null,
  spacing_ms bigint not null,
  fence bigint not null default 0,
  opened_at timestamp with time zone,
  reset_at_ms bigint,
  rival_reset_at_ms bigint,
  previous_reset_at_ms bigint,
  ends_from timestamp with time zone,
  ends_by timestamp with time zone,
  is_longer boolean not null default false,
  settled integer not null default 0,
  told integer not null default 0,
  silent integer not null default 0,
  last_silent_at timestamp with time zone,
  last_settled_at timestamp with time zone,
  is_probing boolean not null default true,
  not_before timestamp with time zone,
  margin_ms integer not null default 0,
  refusals integer not null default 0,
  day date,
  used_today integer not null default 0,
  refused_today integer not null default 0,
  lost_today integer not null default 0,
  constraint permit_windows_pkey PRIMARY KEY (credential, endpoint)
);

create table permit_workers (
  worker text collate "C" not null,
  node text collate "C" not null,
  seq bigint not null,
  expires_at timestamp with time zone not null,
  constraint permit_workers_pkey PRIMARY KEY (worker)
);

create table plan_leases (
  plan text collate "C" not null,
  copy smallint not null,
  node text collate "C" not null,
  fence bigint not null,
  expires_at timestamp with time zone not null,
  constraint plan_leases_plan_fkey FOREIGN KEY (plan) REFERENCES plans(plan) ON DELETE CASCADE,
  constraint plan_leases_pkey PRIMARY KEY (plan, copy)
);

create table plan_status (
  plan text collate "C" not null,
  node text collate "C" not null,
  status jsonb not null,
  observed_at timestamp with time zone not null,
  stored_at timestamp with time zone not null,
  constraint plan_status_plan_fkey FOREIGN KEY (plan) REFERENCES plans(plan) ON DELETE CASCADE,
  constraint plan_status_pkey PRIMARY KEY (plan, node)
);

create table plans (
  plan text collate "C" not null,
  collection_id integer not null,
  body jsonb not null,
  revision integer not null default 1,
  rebuilds integer not null default 0,
  constraint plans_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id),
  constraint plans_pkey PRIMARY KEY (plan)
);

CREATE INDEX plans_collection_id ON public.plans USING btree (collection_id);

create table post_links (
  platform text collate "C" not null,
  post_id text collate "C" not null,
  position smallint not null,
  link text not null,
  kind text not null,
  link_id bigint not null,
  constraint post_links_kind_check CHECK ((kind = ANY (ARRAY['url'::text, 'media'::text, 'text'::text]))),
  constraint post_links_link_id_fkey FOREIGN KEY (link_id) REFERENCES links(link_id),
  constraint post_links_pkey PRIMARY KEY (platform, post_id, "position")
);

CREATE INDEX post_links_link_id ON public.post_links USING btree (link_id);

create table posts (
  platform text collate "C" not null,
  post_id text collate "C" not null,
  id_at timestamp with time zone not null,
  account_id text collate "C",
  conversation_id text collate "C",
  posted_at timestamp with time zone,
  text text,
  lang text,
  source text,
  post_references jsonb,
  altered text[],
  payload json not null,
  captured_at timestamp with time zone not null,
  segment_id bigint not null,
  content_offset bigint not null,
  loaded_at timestamp with time zone not null default now(),
  constraint posts_pkey PRIMARY KEY (platform, post_id, id_at)
) partition by range (id_at);

create table posts_default partition of posts default (
  platform text collate "C" not null,
  post_id text collate "C" not null,
  id_at timestamp with time zone not null,
  account_id text collate "C",
  conversation_id text collate "C",
  posted_at timestamp with time zone,
  text text,
  lang text,
  source text,
  post_references jsonb,
  altered text[],
  payload json not null,
  captured_at timestamp with time zone not null,
  segment_id bigint not null,
  content_offset bigint not null,
  loaded_at timestamp with time zone not null default now(),
  constraint posts_default_id_at_check CHECK ((id_at = '-infinity'::timestamp with time zone)),
  constraint posts_default_pkey PRIMARY KEY (platform, post_id, id_at)
);

create table prices (
  platform text collate "C" not null,
  level text collate "C" not null,
  resource text not null,
  endpoint text collate "C" not null default ''::text,
  micros bigint not null,
  constraint prices_micros_check CHECK ((micros >= 0)),
  constraint prices_pkey PRIMARY KEY (platform, level, resource, endpoint)
);

create table quarantined_frames (
  segment_id bigint not null,
  content_offset bigint not null,
  reason text not null,
  captured_at timestamp with time zone not null,
  frames bigint not null default 1,
  constraint quarantined_frames_segment_id_fkey FOREIGN KEY (segment_id) REFERENCES segments(segment_id),
  constraint quarantined_frames_pkey PRIMARY KEY (segment_id, content_offset)
);

create table retention_runs (
  node text collate "C" not null,
  day date not null,
  observations bigint not null,
  posts bigint not null,
  partitions integer not null,
  unverified integer not null,
  ran_at timestamp with time zone not null,
  lacking jsonb not null default '[]'::jsonb,
  constraint retention_runs_pkey PRIMARY KEY (node, day)
);

create table retention_shares (
  node text collate "C" not null,
  day date not null,
  collection_id integer not null,
  observations bigint not null,
  unverified integer not null,
  constraint retention_shares_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id) ON DELETE CASCADE,
  constraint retention_shares_node_day_fkey FOREIGN KEY (node, day) REFERENCES retention_runs(node, day) ON DELETE CASCADE,
  constraint retention_shares_pkey PRIMARY KEY (collection_id, day, node)
);

create table segments (
  segment_id bigint generated always as identity not null,
  plan text collate "C" not null,
  node text collate "C" not null,
  segment text collate "C" not null,
  hour timestamp with time zone not null,
  state text not null default 'open'::text,
  frames bigint,
  bytes bigint,
  loaded_offset bigint not null default 0,
  loaded bigint not null default 0,
  quarantined bigint not null default 0,
  control bigint not null default 0,
  damage text,
  registered_at timestamp with time zone not null default now(),
  sealed_at timestamp with time zone,
  loaded_at timestamp with time zone,
  verified_at timestamp with time zone,
  constraint segments_state_check CHECK ((state = ANY (ARRAY['open'::text, 'sealed'::text, 'loaded'::text]))),
  constraint segments_plan_fkey FOREIGN KEY (plan) REFERENCES plans(plan),
  constraint segments_pkey PRIMARY KEY (segment_id),
  constraint segments_plan_segment_key UNIQUE (plan, segment)
);

CREATE INDEX segments_plan_hour ON public.segments USING btree (plan, hour);

create table spend (
  month date not null,
  collection text collate "C" not null,
  user_label text collate "C" not null,
  platform text collate "C" not null,
  resource text not null,
  units bigint not null,
  micros bigint not null,
  in_doubt_micros bigint not null default 0,
  constraint spend_pkey PRIMARY KEY (month, collection, user_label, platform, resource)
);

create table timeline_runs (
  run_id uuid not null,
  collection_id integer not null,
  platform text collate "C" not null,
  account_id text collate "C" not null,
  node text collate "C" not null,
  started_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  pages integer not null default 0,
  posts integer not null default 0,
  outcome text,
  error text,
  constraint timeline_runs_outcome_check CHECK ((outcome = ANY (ARRAY['done'::text, 'protected'::text, 'suspended'::text, 'gone'::text, 'failed'::text, 'interrupted'::text]))),
  constraint timeline_runs_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id),
  constraint timeline_runs_pkey PRIMARY KEY (run_id)
);

CREATE INDEX timeline_runs_account ON public.timeline_runs USING btree (platform, account_id, started_at);

CREATE INDEX timeline_runs_collection ON public.timeline_runs USING btree (collection_id, started_at);

create table timelines (
  collection_id integer not null,
  platform text collate "C" not null,
  account_id text collate "C" not null,
  newest_id text collate "C",
  sweep jsonb,
  daily_rate double precision,
  due_at timestamp with time zone not null,
  swept_at timestamp with time zone,
  failures integer not null default 0,
  constraint timelines_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id),
  constraint timelines_pkey PRIMARY KEY (collection_id, platform, account_id)
);

CREATE INDEX timelines_due ON public.timelines USING btree (due_at);
