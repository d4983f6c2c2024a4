-- What exports need to choose and to find posts: who asked, whose posts, and what must not be shared any more.

-- The signed-in user who asked for it; null: a command on the machine.
alter table exports add column asked_by text;
create index exports_asked_at on exports (asked_at desc, export_id desc);

-- What the platform said of posts after they were captured: by a notice in a stream, or when they were looked up again. One row for each
-- thing said; `lifted_at`: since then it is so no more. Not removed with the posts, nor by a rebuild: a post that comes again stays withdrawn.
create table post_withdrawals (
  platform text collate "C" not null,
  post_id text collate "C" not null,
  kind text not null check (kind in ('deleted', 'not_found', 'protected', 'suspended', 'withheld')),
  -- when the platform says that it was, or when it was seen
  noted_at timestamptz not null,
  lifted_at timestamptz,
  -- stream, or the endpoint that was asked
  source text not null,
  -- of `withheld`: two letters each; XX all countries, XY all, for copyright
  countries text[],
  primary key (platform, post_id, kind)
);

-- The same of accounts, whether anybody follows them or not. `places`: the author took back where its posts up to `up_to_post_id` were written.
create table account_withdrawals (
  platform text collate "C" not null,
  account_id text collate "C" not null,
  kind text not null check (kind in ('deleted', 'protected', 'suspended', 'withheld', 'places')),
  noted_at timestamptz not null,
  lifted_at timestamptz,
  source text not null,
  countries text[],
  up_to_post_id text collate "C",
  primary key (platform, account_id, kind),
  check ((kind = 'places') = (up_to_post_id is not null))
);
