-- What a v1.1 stream said that it held back: more posts fitted than it delivers. The platform counts from the beginning of each connection
-- (`session`); kept is the highest count of each hour, so that the growth within an hour is a difference of two rows.
create table limit_notices (
  plan text collate "C" not null references plans on delete cascade,
  session text collate "C" not null,
  hour timestamptz not null,
  held_back bigint not null check (held_back >= 0),
  primary key (plan, session, hour)
);
