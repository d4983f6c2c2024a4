/** Who sees and changes which collection. */
import { MistnetError } from '../../core/errors.ts';
import type { Database, Queryable } from '../db.ts';

export type Visibility = 'everybody' | 'private';
export type ShareAccess = 'view' | 'edit';
export type Person = { userId: string; name: string; email: string };
export type Sharing = {
  owner: Person | null;
  visibility: Visibility;
  /** `role`: that of the person, which bounds what they may; a viewer changes nothing. */
  shares: (Person & { access: ShareAccess; role: string })[];
};

/** What the collection itself grants a user, whatever their role; undefined when there is no such collection. */
export async function rightTo(
  db: Queryable,
  userId: string,
  collection: string,
): Promise<'none' | 'view' | 'edit' | 'own' | undefined> {
  const [row] = await db.query<{ right: 'none' | 'view' | 'edit' | 'own' }>(
    `select case when c.owner_id = $1 then 'own' when s.access is not null then s.access
        when c.visibility = 'everybody' then 'view' else 'none' end as right
      from collections c left join collection_shares s on s.collection_id = c.collection_id and s.user_id = $1
      where c.name = $2`,
    [userId, collection],
  );
  return row?.right;
}

export async function collectionExists(db: Queryable, collection: string): Promise<boolean> {
  return (await db.query('select 1 from collections where name = $1', [collection])).length > 0;
}

export async function visibleCollections(db: Queryable, userId: string): Promise<Set<string>> {
  const rows = await db.query<{ name: string }>(
    `select name from collections c where visibility = 'everybody' or owner_id = $1
      or exists (select from collection_shares s where s.collection_id = c.collection_id and s.user_id = $1)`,
    [userId],
  );
  return new Set(rows.map(({ name }) => name));
}

/** Throws `collection.unknown`. */
export async function readSharing(db: Queryable, collection: string): Promise<Sharing> {
  const [row] = await db.query<{
    collection_id: number;
    visibility: Visibility;
    id: string | null;
    name: string;
    email: string;
  }>(
    `select c.collection_id, c.visibility, u.id, u.name, u.email
      from collections c left join auth."user" u on u.id = c.owner_id where c.name = $1`,
    [collection],
  );
  if (row === undefined) throw new MistnetError('collection.unknown', `No collection is named "${collection}".`);
  const shares = await db.query<{ id: string; name: string; email: string; access: ShareAccess; role: string }>(
    `select u.id, u.name, u.email, u.role, s.access from collection_shares s join auth."user" u on u.id = s.user_id
      where s.collection_id = $1 order by lower(u.name), u.id`,
    [row.collection_id],
  );
  return {
    owner: row.id === null ? null : { userId: row.id, name: row.name, email: row.email },
    visibility: row.visibility,
    shares: shares.map(({ id, ...share }) => ({ userId: id, ...share })),
  };
}

/** Replaces all of it. Throws `collection.unknown`, `user.unknown`. */
export async function setSharing(
  db: Database,
  collection: string,
  wish: {
    ownerId: string | null;
    visibility: Visibility;
    shares: readonly { userId: string; access: ShareAccess }[];
  },
): Promise<Sharing> {
  return await db.transaction(async (tx) => {
    const ids = [...wish.shares.map(({ userId }) => userId), ...(wish.ownerId === null ? [] : [wish.ownerId])];
    const known = await tx.query<{ id: string }>('select id from auth."user" where id = any($1)', [ids]);
    const stranger = ids.find((id) => !known.some((each) => each.id === id));
    if (stranger !== undefined) throw new MistnetError('user.unknown', `There is no user "${stranger}".`);
    const [row] = await tx.query<{ collection_id: number }>(
      'update collections set owner_id = $2, visibility = $3 where name = $1 returning collection_id',
      [collection, wish.ownerId, wish.visibility],
    );
    if (row === undefined) throw new MistnetError('collection.unknown', `No collection is named "${collection}".`);
    await tx.query('delete from collection_shares where collection_id = $1', [row.collection_id]);
    for (const { userId, access } of wish.shares)
      await tx.query(
        `insert into collection_shares (collection_id, user_id, access) values ($1, $2, $3)
          on conflict (collection_id, user_id) do update set access = excluded.access`,
        [row.collection_id, userId, access],
      );
    return await readSharing(tx, collection);
  });
}

/** Whoever makes a collection on the page owns it. */
export async function giveTo(
  db: Queryable,
  collection: string,
  ownerId: string | null,
  visibility: Visibility,
): Promise<void> {
  await db.query('update collections set owner_id = $2, visibility = $3 where name = $1', [
    ...[collection, ownerId, visibility],
  ]);
}

/** Active people, to share with: names and addresses. */
export async function listPeople(db: Queryable): Promise<Person[]> {
  const rows = await db.query<{ id: string; name: string; email: string }>(
    'select id, name, email from auth."user" where active order by lower(name), id',
  );
  return rows.map(({ id, name, email }) => ({ userId: id, name, email }));
}
