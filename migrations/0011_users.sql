-- Who may sign in, what they may see, what they did.

-- The tables of better-auth, as its own generator writes them; a test asks it whether anything is missing.
create schema auth;

create table auth."user" (
  "id" text not null primary key,
  "name" text not null,
  "email" text not null unique,
  "emailVerified" boolean not null,
  "image" text,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp,
  "twoFactorEnabled" boolean,
  -- ours
  "role" text not null check ("role" in ('viewer', 'collector', 'administrator')),
  "active" boolean not null
);

create table auth."session" (
  "id" text not null primary key,
  "expiresAt" timestamptz not null,
  "token" text not null unique,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null,
  "ipAddress" text,
  "userAgent" text,
  "userId" text not null references auth."user" ("id") on delete cascade
);
create index "session_userId_idx" on auth."session" ("userId");

create table auth."account" (
  "id" text not null primary key,
  "accountId" text not null,
  "providerId" text not null,
  "userId" text not null references auth."user" ("id") on delete cascade,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  "scope" text,
  "password" text,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null
);
create index "account_userId_idx" on auth."account" ("userId");
-- ours: one person of a platform is one user here
create unique index "account_providerId_accountId_idx" on auth."account" ("providerId", "accountId");

create table auth."verification" (
  "id" text not null primary key,
  "identifier" text not null,
  "value" text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz not null default current_timestamp,
  "updatedAt" timestamptz not null default current_timestamp
);
create index "verification_identifier_idx" on auth."verification" ("identifier");

create table auth."twoFactor" (
  "id" text not null primary key,
  "secret" text not null,
  "backupCodes" text not null,
  "userId" text not null references auth."user" ("id") on delete cascade,
  "verified" boolean,
  "failedVerificationCount" integer,
  "lockedUntil" timestamptz
);
create index "twoFactor_secret_idx" on auth."twoFactor" ("secret");
create index "twoFactor_userId_idx" on auth."twoFactor" ("userId");

-- Links sent to people: single use, and only their digest is kept.
create table sign_in_links (
  token_hash bytea primary key,
  purpose text not null check (purpose in ('invitation', 'reset')),
  email text not null,
  -- of an invitation: who the person will be
  name text,
  role text check (role in ('viewer', 'collector', 'administrator')),
  -- of a reset: whose password
  user_id text references auth."user" on delete cascade,
  made_by text references auth."user" on delete set null,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  check ((purpose = 'invitation') = (role is not null) and (purpose = 'reset') = (user_id is not null))
);
create index sign_in_links_email on sign_in_links (email);

-- For programs. token_hash: sha-256 of what was shown once.
create table api_tokens (
  token_id uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique,
  user_id text not null references auth."user" on delete cascade,
  label text not null,
  scopes text[] not null,
  made_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_tokens_user_id on api_tokens (user_id);

-- Wrong passwords and codes. subject: digest of an account's name or of a network address.
create table sign_in_failures (
  subject text collate "C" primary key,
  failures integer not null,
  last_failed_at timestamptz not null,
  blocked_until timestamptz not null
);

-- What people changed. who: the name as it was then; rows outlive the users they name.
create table audit_log (
  entry_id bigint generated always as identity primary key,
  at timestamptz not null,
  user_id text collate "C",
  who text not null,
  via text not null,
  address text,
  action text collate "C" not null,
  target text collate "C",
  details jsonb not null default '{}'
);
create index audit_log_user_id on audit_log (user_id, entry_id desc);
create index audit_log_action on audit_log (action, entry_id desc);
create index audit_log_target on audit_log (target, entry_id desc);

-- Collections made in the terminal belong to nobody: administrators change them.
alter table collections
  add column owner_id text references auth."user" on delete set null,
  add column visibility text not null default 'everybody' check (visibility in ('everybody', 'private'));
create index collections_owner_id on collections (owner_id);

create table collection_shares (
  collection_id integer not null references collections on delete cascade,
  user_id text not null references auth."user" on delete cascade,
  access text not null check (access in ('view', 'edit')),
  primary key (collection_id, user_id)
);
create index collection_shares_user_id on collection_shares (user_id);

-- Whose token it is, when a person gave it by signing in.
alter table credentials add column owner_id text references auth."user" on delete set null;
create index credentials_owner_id on credentials (owner_id);
