-- The ledger of segments and the rows made from them. Everything here can be made anew from the segments.

-- One row per segment, open and sealed form alike; offsets are positions in its uncompressed content.
create table segments (
  segment_id bigint generated always as identity primary key,
  plan text collate "C" not null references plans,
  node text collate "C" not null,
  segment text collate "C" not null,
  hour timestamptz not null,
  state text not null default 'open' check (state in ('open', 'sealed', 'loaded')),
  -- from the manifest; null while open
  frames bigint,
  bytes bigint,
  -- content up to here is loaded; moves only in the transaction that writes the rows
  loaded_offset bigint not null default 0,
  loaded bigint not null default 0,
  quarantined bigint not null default 0,
  control bigint not null default 0,
  -- why the rest of a sealed segment cannot be read; null when all of it was
  damage text,
  registered_at timestamptz not null default now(),
  sealed_at timestamptz,
  loaded_at timestamptz,
  unique (plan, segment)
);
create index segments_plan_hour on segments (plan, hour);

-- Sums over the ledger, kept in the same transactions: ten years of minutes are too many to add up each second.
-- lane: one row per connection of a loader, so that two never wait for each other.
create table load_totals (
  plan text collate "C" not null references plans,
  node text collate "C" not null,
  lane smallint not null,
  loaded bigint not null,
  quarantined bigint not null,
  control bigint not null,
  primary key (plan, node, lane)
);

-- Frames that could not be understood or stored; the bytes stay in their segment. frames: more than one where a segment is damaged.
create table quarantined_frames (
  segment_id bigint not null references segments,
  content_offset bigint not null,
  reason text not null,
  captured_at timestamptz not null,
  frames bigint not null default 1,
  primary key (segment_id, content_offset)
);

-- One row per post. id_at is the instant in the id and a pure function of it: -infinity for ids without one, which lie in the
-- default partition. Of several meetings the payload captured first is kept; captured_at, segment_id, content_offset say which.
create table posts (
  platform text collate "C" not null,
  post_id text collate "C" not null,
  id_at timestamptz not null,
  account_id text collate "C",
  conversation_id text collate "C",
  posted_at timestamptz,
  text text,
  lang text,
  source text,
  post_references jsonb,
  -- columns whose text could not be kept exactly (U+0000, lone surrogates, an instant that is none): the payload has it
  altered text[],
  -- json, not jsonb: as received, with NUL escapes, lone surrogates, order and spelling of numbers
  payload json not null,
  captured_at timestamptz not null,
  segment_id bigint not null,
  content_offset bigint not null,
  loaded_at timestamptz not null default now(),
  primary key (platform, post_id, id_at)
) partition by range (id_at);

-- The check keeps rows out that belong into a month, and spares a scan whenever a month is added.
create table posts_default partition of posts (check (id_at = '-infinity')) default;

-- One row per meeting of a collection and a post, with the counts as of then.
create table observations (
  collection_id integer not null,
  captured_at timestamptz not null,
  segment_id bigint not null,
  content_offset bigint not null,
  platform text collate "C" not null,
  post_id text collate "C" not null,
  id_at timestamptz not null,
  reposts bigint,
  replies bigint,
  likes bigint,
  quotes bigint,
  bookmarks bigint,
  impressions bigint,
  primary key (collection_id, captured_at, segment_id, content_offset)
) partition by range (captured_at);
create index observations_post on observations (post_id, platform);

-- Accounts as they stood when last seen. Counts alone do not make a new row version within an hour.
create table accounts (
  platform text collate "C" not null,
  account_id text collate "C" not null,
  handle text,
  name text,
  created_at timestamptz,
  location text,
  description text,
  verified boolean,
  protected boolean,
  followers bigint,
  following bigint,
  posts bigint,
  listed bigint,
  altered text[],
  first_seen_at timestamptz not null,
  seen_at timestamptz not null,
  primary key (platform, account_id)
);
