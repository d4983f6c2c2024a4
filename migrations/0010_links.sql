-- The links of posts and where they lead. What an address answered is kept once, however many posts link to it.

create table links (
  link_id bigint generated always as identity primary key,
  -- of `url`; addresses are longer than what an index takes
  url_sha256 bytea not null unique check (length(url_sha256) = 32),
  url text not null,
  -- due: to be asked at due_at; done: answered for good; refused: not to be followed; unreachable: given up
  state text not null check (state in ('due', 'done', 'refused', 'unreachable')),
  tries smallint not null default 0,
  due_at timestamptz check ((state = 'due') = (due_at is not null)),
  -- of the newest try: redirects in order, each with status, url, headers
  history jsonb not null default '[]',
  final_url text,
  -- null without an answer
  final_status smallint,
  final_headers jsonb,
  duration_ms integer,
  -- null until the first try
  checked_at timestamptz,
  -- why it is refused, or why there was no answer
  cause text,
  noted_at timestamptz not null
);
create index links_due_at on links (due_at) where state = 'due';
create index links_checked_at on links (checked_at);

-- One row per link of a post, in the post's order. No reference to posts, which come and go with rebuilds and retention; rows of posts that are gone go after the day's retention.
create table post_links (
  platform text collate "C" not null,
  post_id text collate "C" not null,
  position smallint not null,
  -- as the text shows it
  link text not null,
  kind text not null check (kind in ('url', 'media', 'text')),
  link_id bigint not null references links,
  primary key (platform, post_id, position)
);
create index post_links_link_id on post_links (link_id);
