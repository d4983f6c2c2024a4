-- Keys to the platforms. What is secret in them is sealed (AES-256-GCM) under a key that lies outside the database.

create table credentials (
  credential_id integer generated always as identity primary key,
  label text collate "C" not null unique check (label ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'),
  platform text collate "C" not null,
  -- app: a token of an app alone; oauth1, oauth2: a person's token
  kind text not null check (kind in ('app', 'oauth1', 'oauth2')),
  -- whose it is; empty until there are users
  owner text not null default '',
  -- which key sealed it, the nonce, and the sealed JSON with its tag
  key_id text collate "C" not null,
  nonce bytea not null,
  sealed bytea not null,
  -- what a probe found it can do: [{"ability","ok","status","sentence"}]; null before the first
  abilities jsonb,
  probed_at timestamptz,
  -- why it is not used at present; null while it is
  refused text,
  refused_at timestamptz,
  added_at timestamptz not null
);
