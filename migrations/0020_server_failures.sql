-- Requests that the server could not answer for a fault of its own, by hour: what administrators are told of.
create table server_failures (
  node text collate "C" not null,
  route text collate "C" not null,
  hour timestamptz not null,
  failures bigint not null,
  cause text not null,
  last_at timestamptz not null,
  primary key (node, route, hour)
);
