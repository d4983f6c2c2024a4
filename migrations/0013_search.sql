-- The text index over posts. A job of its own fills it behind the loader, which only notes what it wrote.

-- What was loaded and is not in the index yet: observations of a segment between two offsets and instants of capture; one row for each
-- transaction of the loader, removed in the transaction that indexed the rest of it. segment_id null: of any segment.
create table search_backlog (
  item_id bigint generated always as identity primary key,
  segment_id bigint,
  from_offset bigint,
  -- exclusive
  to_offset bigint,
  -- both inclusive
  captured_from timestamptz not null,
  captured_to timestamptz not null,
  -- observations up to this one, in the order of their key, are done; null: none is
  done_collection_id integer,
  done_captured_at timestamptz,
  done_segment_id bigint,
  done_offset bigint,
  noted_at timestamptz not null default now()
);

-- What was loaded before there was an index.
insert into search_backlog (captured_from, captured_to)
  select '-infinity', 'infinity' where exists (select from observations);

-- One row for each post. at: the instant in its id; of ids without one, when it was posted by the platform's word, -infinity where it says nothing.
create table post_search (
  platform text collate "C" not null,
  post_id text collate "C" not null,
  at timestamptz not null,
  account_id text collate "C",
  lang text collate "C",
  kind text collate "C" not null check (kind in ('original', 'reply', 'repost', 'quote')),
  -- lower case, without #
  hashtags text[],
  latitude double precision,
  longitude double precision,
  place text,
  -- collections of which an observation of the post is left, in order
  collection_ids integer[] not null,
  -- the payload that this was made from
  segment_id bigint not null,
  content_offset bigint not null,
  -- words with their places, and marks without: see the tokens of the index
  tokens tsvector not null,
  primary key (at, post_id, platform)
) partition by range (at);

-- The index of a month is small enough to stay in memory while the month is new; what is older is left alone.
create index post_search_tokens on post_search using gin (tokens);

-- Ids and words of no month that was: before platforms had posts, or far in the future.
create table post_search_default partition of post_search default;

-- Searches that people keep. query: the search as the page's address has it.
create table saved_searches (
  search_id bigint generated always as identity primary key,
  -- null: of whoever uses the machine itself while nobody has to sign in
  user_id text references auth."user" ("id") on delete cascade,
  name text not null check (length(name) between 1 and 100),
  query jsonb not null,
  created_at timestamptz not null,
  used_at timestamptz,
  unique nulls not distinct (user_id, name)
);
