create table auth.account (
  id text not null,
  accountId text not null,
  providerId text not null,
  userId text not null,
  accessToken text,
  refreshToken text,
  idToken text,
  accessTokenExpiresAt timestamp with time zone,
  refreshTokenExpiresAt timestamp with time zone,
  scope text,
  password text,
  createdAt timestamp with time zone not null default CURRENT_TIMESTAMP,
  updatedAt timestamp with time zone not null,
  handle text,
  constraint account_userId_fkey FOREIGN KEY ("userId") REFERENCES auth."user"(id) ON DELETE CASCADE,
  constraint account_pkey PRIMARY KEY (id)
);

CREATE UNIQUE INDEX "account_providerId_accountId_idx" ON auth.account USING btree ("providerId", "accountId");

CREATE INDEX "account_userId_idx" ON auth.account USING btree ("userId");

create table auth.session (
  id text not null,
  expiresAt timestamp with time zone not null,
  token text not null,
  createdAt timestamp with time zone not null default CURRENT_TIMESTAMP,
  updatedAt timestamp with time zone not null,
  ipAddress text,
  userAgent text,
  userId text not null,
  constraint session_userId_fkey FOREIGN KEY ("userId") REFERENCES auth."user"(id) ON DELETE CASCADE,
  constraint session_pkey PRIMARY KEY (id),
  constraint session_token_key UNIQUE (token)
);

CREATE INDEX "session_userId_idx" ON auth.session USING btree ("userId");

create table auth."twoFactor" (
  id text not null,
  secret text not null,
  backupCodes text not null,
  userId text not null,
  verified boolean,
  failedVerificationCount integer,
  lockedUntil timestamp with time zone,
  constraint twoFactor_userId_fkey FOREIGN KEY ("userId") REFERENCES auth."user"(id) ON DELETE CASCADE,
  constraint twoFactor_pkey PRIMARY KEY (id)
);

CREATE INDEX "twoFactor_secret_idx" ON auth."twoFactor" USING btree (secret);

CREATE INDEX "twoFactor_userId_idx" ON auth."twoFactor" USING btree ("userId");

create table auth."user" (
  id text not null,
  name text not null,
  email text not null,
  emailVerified boolean not null,
  image text,
  createdAt timestamp with time zone not null default CURRENT_TIMESTAMP,
  updatedAt timestamp with time zone not null default CURRENT_TIMESTAMP,
  twoFactorEnabled boolean,
  role text not null,
  active boolean not null,
  constraint user_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'collector'::text, 'administrator'::text]))),
  constraint user_pkey PRIMARY KEY (id),
  constraint user_email_key UNIQUE (email)
);

create table auth.verification (
  id text not null,
  identifier text not null,
  value text not null,
  expiresAt timestamp with time zone not null,
  createdAt timestamp with time zone not null default CURRENT_TIMESTAMP,
  updatedAt timestamp with time zone not null default CURRENT_TIMESTAMP,
  constraint verification_pkey PRIMARY KEY (id)
);

CREATE INDEX verification_identifier_idx ON auth.verification USING btree (identifier);

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

create table account_withdrawals (
  platform text collate "C" not null,
  account_id text collate "C" not null,
  kind text not null,
  noted_at timestamp with time zone not null,
  lifted_at timestamp with time zone,
  source text not null,
  countries text[],
  up_to_post_id text collate "C",
  constraint account_withdrawals_check CHECK (((kind = 'places'::text) = (up_to_post_id IS NOT NULL))),
  constraint account_withdrawals_kind_check CHECK ((kind = ANY (ARRAY['deleted'::text, 'protected'::text, 'suspended'::text, 'withheld'::text, 'places'::text]))),
  constraint account_withdrawals_pkey PRIMARY KEY (platform, account_id, kind)
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

create table alert_channels (
  channel_id bigint generated always as identity not null,
  kind text not null,
  address text not null,
  is_on boolean not null default true,
  key_id text collate "C",
  nonce bytea,
  sealed bytea,
  added_by text not null,
  added_at timestamp with time zone not null,
  tried_at timestamp with time zone,
  failure text,
  constraint alert_channels_check CHECK (((kind = 'webhook'::text) = (sealed IS NOT NULL))),
  constraint alert_channels_kind_check CHECK ((kind = ANY (ARRAY['mail'::text, 'webhook'::text]))),
  constraint alert_channels_pkey PRIMARY KEY (channel_id),
  constraint alert_channels_kind_address_key UNIQUE (kind, address)
);

create table alert_deliveries (
  delivery_id bigint generated always as identity not null,
  alert_id bigint,
  event text not null,
  channel_id bigint not null,
  state text not null default 'waiting'::text,
  body jsonb not null,
  made_at timestamp with time zone not null,
  not_before timestamp with time zone not null,
  tries smallint not null default 0,
  failure text,
  ended_at timestamp with time zone,
  constraint alert_deliveries_event_check CHECK ((event = ANY (ARRAY['opened'::text, 'reminder'::text, 'resolved'::text, 'test'::text]))),
  constraint alert_deliveries_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'sent'::text, 'failed'::text]))),
  constraint alert_deliveries_alert_id_fkey FOREIGN KEY (alert_id) REFERENCES alerts(alert_id) ON DELETE CASCADE,
  constraint alert_deliveries_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES alert_channels(channel_id) ON DELETE CASCADE,
  constraint alert_deliveries_pkey PRIMARY KEY (delivery_id)
);

CREATE INDEX alert_deliveries_alert_id ON public.alert_deliveries USING btree (alert_id);

CREATE INDEX alert_deliveries_waiting ON public.alert_deliveries USING btree (not_before) WHERE (state = 'waiting'::text);

create table alert_rules (
  kind text collate "C" not null,
  is_on boolean not null,
  threshold double precision not null,
  is_urgent boolean not null,
  channels bigint[],
  changed_by text not null,
  changed_at timestamp with time zone not null,
  constraint alert_rules_pkey PRIMARY KEY (kind)
);

create table alert_settings (
  single boolean not null default true,
  zone text not null,
  quiet_from smallint,
  quiet_until smallint,
  remind_hours integer not null,
  constraint alert_settings_check CHECK (((quiet_from IS NULL) = (quiet_until IS NULL))),
  constraint alert_settings_quiet_from_check CHECK (((quiet_from >= 0) AND (quiet_from <= 1439))),
  constraint alert_settings_quiet_until_check CHECK (((quiet_until >= 0) AND (quiet_until <= 1439))),
  constraint alert_settings_remind_hours_check CHECK (((remind_hours >= 0) AND (remind_hours <= 8760))),
  constraint alert_settings_single_check CHECK (single),
  constraint alert_settings_pkey PRIMARY KEY (single)
);

create table alerts (
  alert_id bigint generated always as identity not null,
  kind text collate "C" not null,
  subject text collate "C" not null,
  collection text collate "C",
  state text not null,
  is_urgent boolean not null,
  sentence text not null,
  opened_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  reminded_at timestamp with time zone not null,
  acknowledged_by text,
  acknowledged_at timestamp with time zone,
  note text,
  closed_at timestamp with time zone,
  events integer not null default 1,
  constraint alerts_check CHECK (((state = ANY (ARRAY['resolved'::text, 'expired'::text])) = (closed_at IS NOT NULL))),
  constraint alerts_state_check CHECK ((state = ANY (ARRAY['open'::text, 'acknowledged'::text, 'resolved'::text, 'expired'::text]))),
  constraint alerts_pkey PRIMARY KEY (alert_id)
);

CREATE INDEX alerts_closed_at ON public.alerts USING btree (closed_at) WHERE (closed_at IS NOT NULL);

CREATE UNIQUE INDEX alerts_current ON public.alerts USING btree (kind, subject) WHERE (closed_at IS NULL);

create table api_tokens (
  token_id uuid not null default gen_random_uuid(),
  token_hash bytea not null,
  user_id text not null,
  label text not null,
  scopes text[] not null,
  made_at timestamp with time zone not null,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user"(id) ON DELETE CASCADE,
  constraint api_tokens_pkey PRIMARY KEY (token_id),
  constraint api_tokens_token_hash_key UNIQUE (token_hash)
);

CREATE INDEX api_tokens_user_id ON public.api_tokens USING btree (user_id);

create table audit_log (
  entry_id bigint generated always as identity not null,
  at timestamp with time zone not null,
  user_id text collate "C",
  who text not null,
  via text not null,
  address text,
  action text collate "C" not null,
  target text collate "C",
  details jsonb not null default '{}'::jsonb,
  constraint audit_log_pkey PRIMARY KEY (entry_id)
);

CREATE INDEX audit_log_action ON public.audit_log USING btree (action, entry_id DESC);

CREATE INDEX audit_log_target ON public.audit_log USING btree (target, entry_id DESC);

CREATE INDEX audit_log_user_id ON public.audit_log USING btree (user_id, entry_id DESC);

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

create table collection_shares (
  collection_id integer not null,
  user_id text not null,
  access text not null,
  constraint collection_shares_access_check CHECK ((access = ANY (ARRAY['view'::text, 'edit'::text]))),
  constraint collection_shares_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id) ON DELETE CASCADE,
  constraint collection_shares_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user"(id) ON DELETE CASCADE,
  constraint collection_shares_pkey PRIMARY KEY (collection_id, user_id)
);

CREATE INDEX collection_shares_user_id ON public.collection_shares USING btree (user_id);

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
  owner_id text,
  visibility text not null default 'everybody'::text,
  constraint collections_keep_check CHECK ((keep ~ '^(files|all|days:[1-9][0-9]{0,4})$'::text)),
  constraint collections_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'::text)),
  constraint collections_visibility_check CHECK ((visibility = ANY (ARRAY['everybody'::text, 'private'::text]))),
  constraint collections_wanted_check CHECK ((wanted = ANY (ARRAY['active'::text, 'stopped'::text]))),
  constraint collections_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES auth."user"(id) ON DELETE SET NULL,
  constraint collections_pkey PRIMARY KEY (collection_id),
  constraint collections_name_key UNIQUE (name)
);

CREATE INDEX collections_owner_id ON public.collections USING btree (owner_id);

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
  owner_id text,
  level text collate "C",
  constraint credentials_kind_check CHECK ((kind = ANY (ARRAY['app'::text, 'oauth1'::text, 'oauth2'::text]))),
  constraint credentials_label_check CHECK ((label ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'::text)),
  constraint credentials_owner_id_fkey FOREIGN KEY (owner_id) REFERENCES auth."user"(id) ON DELETE SET NULL,
  constraint credentials_pkey PRIMARY KEY (credential_id),
  constraint credentials_label_key UNIQUE (label)
);

CREATE INDEX credentials_owner_id ON public.credentials USING btree (owner_id);

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

CREATE INDEX datasets_built_at ON public.datasets USING btree (built_at);

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
  asked_by text,
  constraint exports_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'::text)),
  constraint exports_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'done'::text, 'failed'::text, 'cancelled'::text]))),
  constraint exports_pkey PRIMARY KEY (export_id),
  constraint exports_name_key UNIQUE (name)
);

CREATE INDEX exports_asked_at ON public.exports USING btree (asked_at DESC, export_id DESC);

CREATE INDEX exports_waiting ON public.exports USING btree (node) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

create table filter_members (
  collection_id integer not null,
  plan text collate "C" not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone,
  constraint filter_members_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id) ON DELETE CASCADE,
  constraint filter_members_plan_fkey FOREIGN KEY (plan) REFERENCES filter_streams(plan) ON DELETE CASCADE,
  constraint filter_members_pkey PRIMARY KEY (collection_id, plan, from_at)
);

CREATE UNIQUE INDEX filter_members_active ON public.filter_members USING btree (collection_id) WHERE (to_at IS NULL);

CREATE INDEX filter_members_plan ON public.filter_members USING btree (plan);

create table filter_rules (
  rule_no bigint generated always as identity not null,
  plan text collate "C" not null,
  tag text collate "C" not null,
  value text collate "C" not null,
  clauses jsonb not null,
  rule_id text collate "C",
  platform_tag text,
  is_foreign boolean not null default false,
  wanted_at timestamp with time zone not null,
  present_at timestamp with time zone,
  unwanted_at timestamp with time zone,
  gone_at timestamp with time zone,
  error text,
  constraint filter_rules_plan_fkey FOREIGN KEY (plan) REFERENCES filter_streams(plan) ON DELETE CASCADE,
  constraint filter_rules_pkey PRIMARY KEY (rule_no)
);

CREATE INDEX filter_rules_open ON public.filter_rules USING btree (plan) WHERE (gone_at IS NULL);

create table filter_seeds (
  seed_id integer generated always as identity not null,
  collection_id integer not null,
  kind text not null,
  text text collate "C" not null,
  constraint filter_seeds_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id) ON DELETE CASCADE,
  constraint filter_seeds_pkey PRIMARY KEY (seed_id),
  constraint filter_seeds_collection_id_kind_text_key UNIQUE (collection_id, kind, text)
);

create table filter_streams (
  plan text collate "C" not null,
  platform text collate "C" not null,
  api text not null,
  credential text not null,
  tag_prefix text collate "C" not null,
  revision integer not null default 0,
  meaning jsonb not null,
  synced_revision integer not null default '-1'::integer,
  synced_at timestamp with time zone,
  tried_at timestamp with time zone,
  error text,
  constraint filter_streams_plan_fkey FOREIGN KEY (plan) REFERENCES plans(plan),
  constraint filter_streams_pkey PRIMARY KEY (plan),
  constraint filter_streams_credential_key UNIQUE (credential)
);

create table filter_told (
  plan text collate "C" not null,
  node text collate "C" not null,
  revision integer not null,
  told_at timestamp with time zone not null,
  constraint filter_told_plan_fkey FOREIGN KEY (plan) REFERENCES filter_streams(plan) ON DELETE CASCADE,
  constraint filter_told_pkey PRIMARY KEY (plan, node)
);

create table filter_totals (
  collection_id integer not null,
  plan text collate "C" not null,
  node text collate "C" not null,
  lane smallint not null,
  loaded bigint not null,
  constraint filter_totals_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id) ON DELETE CASCADE,
  constraint filter_totals_plan_fkey FOREIGN KEY (plan) REFERENCES plans(plan),
  constraint filter_totals_pkey PRIMARY KEY (collection_id, plan, node, lane)
);

create table filter_versions (
  collection_id integer not null,
  version integer not null,
  definition jsonb not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  reason text not null,
  constraint filter_versions_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id) ON DELETE CASCADE,
  constraint filter_versions_pkey PRIMARY KEY (collection_id, version)
);

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

create table hydration_ids (
  hydration_id integer not null,
  position bigint not null,
  post_id text collate "C" not null,
  existed boolean not null,
  outcome text,
  outcome_before text,
  message text,
  tries smallint not null default 0,
  asked_at timestamp with time zone,
  constraint hydration_ids_outcome_check CHECK ((outcome = ANY (ARRAY['ok'::text, 'deleted'::text, 'protected'::text, 'suspended'::text, 'not_found'::text, 'error'::text, 'invalid'::text]))),
  constraint hydration_ids_hydration_id_fkey FOREIGN KEY (hydration_id) REFERENCES hydrations(hydration_id) ON DELETE CASCADE,
  constraint hydration_ids_pkey PRIMARY KEY (hydration_id, "position"),
  constraint hydration_ids_hydration_id_post_id_key UNIQUE (hydration_id, post_id)
);

CREATE INDEX hydration_ids_due ON public.hydration_ids USING btree (hydration_id, "position") WHERE (outcome IS NULL);

create table hydrations (
  hydration_id integer generated always as identity not null,
  collection_id integer not null,
  platform text collate "C" not null,
  api text not null,
  source text not null,
  state text not null,
  reason text,
  look_after timestamp with time zone,
  round integer not null default 1,
  added_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  fields jsonb,
  constraint hydrations_api_check CHECK ((api = ANY (ARRAY['v2'::text, 'v1.1'::text]))),
  constraint hydrations_state_check CHECK ((state = ANY (ARRAY['filling'::text, 'running'::text, 'paused'::text, 'done'::text, 'cancelled'::text]))),
  constraint hydrations_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id) ON DELETE CASCADE,
  constraint hydrations_pkey PRIMARY KEY (hydration_id),
  constraint hydrations_collection_id_key UNIQUE (collection_id)
);

create table limit_notices (
  plan text collate "C" not null,
  session text collate "C" not null,
  hour timestamp with time zone not null,
  held_back bigint not null,
  constraint limit_notices_held_back_check CHECK ((held_back >= 0)),
  constraint limit_notices_plan_fkey FOREIGN KEY (plan) REFERENCES plans(plan) ON DELETE CASCADE,
  constraint limit_notices_pkey PRIMARY KEY (plan, session, hour)
);

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

create table node_requests (
  request_id bigint generated always as identity not null,
  node text collate "C" not null,
  role text not null,
  asked_by text not null,
  asked_at timestamp with time zone not null default now(),
  taken_at timestamp with time zone,
  outcome text,
  constraint node_requests_role_check CHECK ((role = ANY (ARRAY['capture'::text, 'worker'::text, 'server'::text]))),
  constraint node_requests_node_fkey FOREIGN KEY (node) REFERENCES nodes(node) ON DELETE CASCADE,
  constraint node_requests_pkey PRIMARY KEY (request_id)
);

CREATE INDEX node_requests_waiting ON public.node_requests USING btree (node) WHERE (taken_at IS NULL);

create table node_samples (
  node text collate "C" not null,
  step text not null,
  at timestamp with time zone not null,
  samples integer not null default 1,
  cpu real,
  load real,
  memory_used bigint not null,
  memory_total bigint not null,
  disk_free bigint not null,
  disk_total bigint not null,
  processes jsonb not null,
  constraint node_samples_step_check CHECK ((step = ANY (ARRAY['minute'::text, 'hour'::text]))),
  constraint node_samples_node_fkey FOREIGN KEY (node) REFERENCES nodes(node) ON DELETE CASCADE,
  constraint node_samples_pkey PRIMARY KEY (node, step, at)
);

create table nodes (
  node text collate "C" not null,
  version text not null,
  seen_at timestamp with time zone not null,
  body jsonb not null,
  constraint nodes_node_check CHECK ((node ~ '^[a-z0-9_]{1,32}$'::text)),
  constraint nodes_pkey PRIMARY KEY (node)
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
  matched integer[],
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
  secret text collate "C",
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
  collection_id integer,
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

create table post_search (
  platform text collate "C" not null,
  post_id text collate "C" not null,
  at timestamp with time zone not null,
  account_id text collate "C",
  lang text collate "C",
  kind text collate "C" not null,
  hashtags text[],
  latitude double precision,
  longitude double precision,
  place text,
  collection_ids integer[] not null,
  segment_id bigint not null,
  content_offset bigint not null,
  tokens tsvector not null,
  constraint post_search_kind_check CHECK ((kind = ANY (ARRAY['original'::text, 'reply'::text, 'repost'::text, 'quote'::text]))),
  constraint post_search_pkey PRIMARY KEY (at, post_id, platform)
) partition by range (at);

CREATE INDEX post_search_places ON ONLY public.post_search USING btree (latitude, longitude) WHERE (latitude IS NOT NULL);

CREATE INDEX post_search_tokens ON ONLY public.post_search USING gin (tokens);

create table post_search_default partition of post_search default (
  platform text collate "C" not null,
  post_id text collate "C" not null,
  at timestamp with time zone not null,
  account_id text collate "C",
  lang text collate "C",
  kind text collate "C" not null,
  hashtags text[],
  latitude double precision,
  longitude double precision,
  place text,
  collection_ids integer[] not null,
  segment_id bigint not null,
  content_offset bigint not null,
  tokens tsvector not null,
  constraint post_search_kind_check CHECK ((kind = ANY (ARRAY['original'::text, 'reply'::text, 'repost'::text, 'quote'::text]))),
  constraint post_search_default_pkey PRIMARY KEY (at, post_id, platform)
);

CREATE INDEX post_search_default_latitude_longitude_idx ON public.post_search_default USING btree (latitude, longitude) WHERE (latitude IS NOT NULL);

CREATE INDEX post_search_default_tokens_idx ON public.post_search_default USING gin (tokens);

create table post_withdrawals (
  platform text collate "C" not null,
  post_id text collate "C" not null,
  kind text not null,
  noted_at timestamp with time zone not null,
  lifted_at timestamp with time zone,
  source text not null,
  countries text[],
  constraint post_withdrawals_kind_check CHECK ((kind = ANY (ARRAY['deleted'::text, 'not_found'::text, 'protected'::text, 'suspended'::text, 'withheld'::text]))),
  constraint post_withdrawals_pkey PRIMARY KEY (platform, post_id, kind)
);

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

create table saved_searches (
  search_id bigint generated always as identity not null,
  user_id text,
  name text not null,
  query jsonb not null,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint saved_searches_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
  constraint saved_searches_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user"(id) ON DELETE CASCADE,
  constraint saved_searches_pkey PRIMARY KEY (search_id),
  constraint saved_searches_user_id_name_key UNIQUE NULLS NOT DISTINCT (user_id, name)
);

create table search_backlog (
  item_id bigint generated always as identity not null,
  segment_id bigint,
  from_offset bigint,
  to_offset bigint,
  captured_from timestamp with time zone not null,
  captured_to timestamp with time zone not null,
  done_collection_id integer,
  done_captured_at timestamp with time zone,
  done_segment_id bigint,
  done_offset bigint,
  noted_at timestamp with time zone not null default now(),
  constraint search_backlog_pkey PRIMARY KEY (item_id)
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
  posts bigint,
  constraint segments_state_check CHECK ((state = ANY (ARRAY['open'::text, 'sealed'::text, 'loaded'::text]))),
  constraint segments_plan_fkey FOREIGN KEY (plan) REFERENCES plans(plan),
  constraint segments_pkey PRIMARY KEY (segment_id),
  constraint segments_plan_segment_key UNIQUE (plan, segment)
);

CREATE INDEX segments_plan_hour ON public.segments USING btree (plan, hour);

create table server_failures (
  node text collate "C" not null,
  route text collate "C" not null,
  hour timestamp with time zone not null,
  failures bigint not null,
  cause text not null,
  last_at timestamp with time zone not null,
  constraint server_failures_pkey PRIMARY KEY (node, route, hour)
);

create table sign_in_failures (
  subject text collate "C" not null,
  failures integer not null,
  last_failed_at timestamp with time zone not null,
  blocked_until timestamp with time zone not null,
  constraint sign_in_failures_pkey PRIMARY KEY (subject)
);

create table sign_in_links (
  token_hash bytea not null,
  purpose text not null,
  email text not null,
  name text,
  role text,
  user_id text,
  made_by text,
  made_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint sign_in_links_check CHECK ((((purpose = 'invitation'::text) = (role IS NOT NULL)) AND ((purpose = 'reset'::text) = (user_id IS NOT NULL)))),
  constraint sign_in_links_purpose_check CHECK ((purpose = ANY (ARRAY['invitation'::text, 'reset'::text]))),
  constraint sign_in_links_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'collector'::text, 'administrator'::text]))),
  constraint sign_in_links_made_by_fkey FOREIGN KEY (made_by) REFERENCES auth."user"(id) ON DELETE SET NULL,
  constraint sign_in_links_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth."user"(id) ON DELETE CASCADE,
  constraint sign_in_links_pkey PRIMARY KEY (token_hash)
);

CREATE INDEX sign_in_links_email ON public.sign_in_links USING btree (email);

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

create table wanted_spans (
  collection_id integer not null,
  from_at timestamp with time zone not null,
  to_at timestamp with time zone,
  constraint wanted_spans_check CHECK ((to_at >= from_at)),
  constraint wanted_spans_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES collections(collection_id) ON DELETE CASCADE,
  constraint wanted_spans_pkey PRIMARY KEY (collection_id, from_at)
);

CREATE UNIQUE INDEX wanted_spans_open ON public.wanted_spans USING btree (collection_id) WHERE (to_at IS NULL);
