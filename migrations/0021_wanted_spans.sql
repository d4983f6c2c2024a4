-- When a collection was meant to collect: what was missed is measured by it. A stop by a person ends a span, a fault does not.
create table wanted_spans (
  collection_id integer not null references collections on delete cascade,
  from_at timestamptz not null,
  -- null: it still is
  to_at timestamptz check (to_at >= from_at),
  primary key (collection_id, from_at)
);
create unique index wanted_spans_open on wanted_spans (collection_id) where to_at is null;

-- Of before there was this table: a filter's time on its streams, else from its making to the last stop that was noted.
insert into wanted_spans (collection_id, from_at, to_at)
  select m.collection_id, m.from_at, case when c.wanted = 'stopped' then coalesce(m.to_at, now()) else m.to_at end
    from filter_members m join collections c using (collection_id)
  on conflict do nothing;
insert into wanted_spans (collection_id, from_at, to_at)
  select c.collection_id, c.created_at,
      case when c.wanted = 'stopped' then greatest(c.created_at, coalesce((select max(a.at) from audit_log a
        where a.action = 'collection.stop' and a.target = c.name), now())) end
    from collections c where c.kind <> 'filter'
  on conflict do nothing;
