/** What a person types to copy what must not be lost, as it is on this machine. Pure. */

export type BackupCommand = { what: string; command: string };

/** `address`: host:port. `passwordFile`: of mistnet's own PostgreSQL; absent for another one, whose password its user knows. */
export type BackupPlace = {
  home: string;
  node: string;
  database: { address: string; user: string; name: string; version: string; passwordFile?: string };
};

/** In the order in which they are run: the last one notes that the others went well. */
export function backupCommands({ home, node, database }: BackupPlace): BackupCommand[] {
  const { address, user, name, version, passwordFile } = database;
  const at = address.lastIndexOf(':');
  const [host, port] = [address.slice(0, at), address.slice(at + 1)];
  const files = ['segments', 'datasets', 'exports', 'node-name'].map((each) => word(`${home}/${each}`)).join(' ');
  const password = passwordFile === undefined ? '' : `PGPASSWORD="$(cat ${word(passwordFile)})" `;
  return [
    {
      what: 'The files of this node. Sealed segments never change, so that copying them again copies only what is new.',
      command: `rsync -a --ignore-missing-args ${files} ${word(`/backup/mistnet/${node}`)}/`,
    },
    {
      what: 'The key that opens the credentials, to another place than the copy of the database.',
      command: `cp -p ${word(`${home}/secrets.key`)} /safe/place/`,
    },
    {
      what: `The database, while mistnet runs; pg_dump must be of version ${version.split('.', 1)[0]} or later.`,
      command: `${password}pg_dump --host=${word(host)} --port=${port} --username=${word(user)} --format=custom --file=/backup/mistnet/database.dump ${word(name)}`,
    },
    {
      what: 'That it was done. Behind the others in one script it runs only when they went well.',
      command: `MISTNET_HOME=${word(home)} mistnet backup note /backup/mistnet`,
    },
  ];
}

/** One word for a shell. */
function word(text: string): string {
  return /^[\w@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
