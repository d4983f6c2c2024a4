import { text as readAll } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Argument, type Command, Option } from 'commander';
import { loadUsers } from '../lazy-parts.ts';
import { readConfig } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { systemClock } from '../../core/time.ts';
import type { Database, Transaction } from '../../store/db.ts';
import type { UserRecord, UserRole } from '../../store/users/users.ts';
import type { CommandContext } from '../context.ts';
import { formatTable } from '../format.ts';
import { changeWithDeed, type Deed } from '../change-with-deed.ts';
import { withDatabase } from '../with-database.ts';

const roles = ['viewer', 'collector', 'administrator'] as const;
type Json = { json?: true };

export function addUserCommands(program: Command, { environment }: CommandContext): void {
  const user = program.command('user').description('people who may sign in: add, list, grant, reset-password, …');
  const read = <T>(work: (db: Database) => Promise<T>) => withDatabase(readConfig(environment), work);
  const change = (deeds: (user: UserRecord) => readonly Deed[], work: (tx: Transaction) => Promise<UserRecord>) =>
    withDatabase(readConfig(environment), (db) => changeWithDeed(db, deeds, work));
  const role = () => new Argument('<role>', 'what they may do').choices(roles);
  const who = ['<who>', 'address or id'] as const;

  user
    .command('add')
    .description(
      'make a user; the first one is administrator. The password is asked for, or read from the standard input',
    )
    .argument('<address>', 'e-mail address, by which they sign in')
    .requiredOption('--name <name>', 'as others see it')
    .addOption(new Option('--role <role>', 'what they may do').choices(roles).default('viewer'))
    .option('--json', 'as JSON')
    .action(async (email: string, options: { name: string; role: UserRole } & Json) => {
      const password = await readPassword();
      const { addFirstUser, addUser, hasUsers } = await loadUsers();
      const wish = { email, name: options.name, password };
      const made = await change(
        (user) => [deed('user.add', user, { role: user.role })],
        async (tx) =>
          (await hasUsers(tx))
            ? await addUser(tx, systemClock, { ...wish, role: options.role })
            : await addFirstUser(tx, systemClock, wish),
      );
      say(options, made, `${made.name} (${made.email}) can sign in now, as ${made.role}.`);
    });

  user
    .command('list')
    .description('all users')
    .option('--json', 'as JSON')
    .action(async (options: Json) => {
      const { listUsers } = await loadUsers();
      const users = await read((db) => listUsers(db));
      if (options.json) return print(JSON.stringify(users, null, 2));
      if (users.length === 0) return print('No user yet. Add the first one: mistnet user add ADDRESS --name NAME');
      print(
        formatTable(
          ['address', 'name', 'role', 'state', 'signs in by', 'last seen'],
          users.map(({ email, name, role, active, methods, hasSecondFactor, lastSeenAt }) => [
            ...[email, name, role, active ? 'active' : 'inactive'],
            `${methods.join(', ')}${hasSecondFactor ? ' and code' : ''}`,
            lastSeenAt ?? '',
          ]),
        ),
      );
    });

  user
    .command('grant')
    .description('give another role')
    .argument(...who)
    .addArgument(role())
    .option('--json', 'as JSON')
    .action(async (name: string, wanted: UserRole, options: Json) => {
      const { setRole } = await loadUsers();
      const changed = await change(
        (user) => [deed('user.grant', user, { role: user.role })],
        (tx) => setRole(tx, name, wanted),
      );
      say(options, changed, `${changed.name} is ${changed.role} now.`);
    });

  for (const [verb, active, description] of [
    ['deactivate', false, 'they cannot sign in any more; sessions and API tokens end at once'],
    ['activate', true, 'they can sign in again'],
  ] as const)
    user
      .command(verb)
      .description(description)
      .argument(...who)
      .option('--json', 'as JSON')
      .action(async (name: string, options: Json) => {
        const { setActive } = await loadUsers();
        const changed = await change(
          (user) => [deed(`user.${verb}`, user)],
          (tx) => setActive(tx, systemClock, name, active),
        );
        say(options, changed, `${changed.name} is ${active ? 'active' : 'inactive'} now.`);
      });

  user
    .command('reset-password')
    .description('set a new password, asked for or read from the standard input; all sessions end')
    .argument(...who)
    .option('--forget-second-factor', 'for somebody who lost the device')
    .option('--json', 'as JSON')
    .action(async (name: string, options: { forgetSecondFactor?: true } & Json) => {
      const password = await readPassword();
      const { removeSecondFactor, setPassword } = await loadUsers();
      const forgets = options.forgetSecondFactor === true;
      const changed = await change(
        (user) => [deed('user.reset-password', user), ...(forgets ? [deed('user.remove-second-factor', user)] : [])],
        async (tx) => {
          const user = await setPassword(tx, systemClock, name, password);
          return forgets ? await removeSecondFactor(tx, user.userId) : user;
        },
      );
      say(options, changed, `${changed.name} has a new password.`);
    });
}

function deed(action: string, { email }: UserRecord, details: Record<string, unknown> = {}): Deed {
  return { action, target: email, details };
}

/** On a terminal typed twice and not shown; else the first line of what comes in. Never from the command line, which others can see. */
async function readPassword(): Promise<string> {
  if (!process.stdin.isTTY) return (await readAll(process.stdin)).split(/\r?\n/, 1)[0] ?? '';
  const first = await ask('Password (12 characters or more): ');
  if ((await ask('Once more: ')) === first) return first;
  throw new MistnetError('usage.invalid', 'The two passwords differ. Nothing was changed.');
}

function ask(question: string): Promise<string> {
  process.stderr.write(question);
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  return new Promise((resolve, reject) => {
    lines.once('SIGINT', () => lines.close());
    lines.once('close', () => reject(new MistnetError('usage.invalid', 'No password was given. Nothing was changed.')));
    lines.question('', (answer) => {
      process.stderr.write('\n');
      resolve(answer);
      lines.close();
    });
  });
}

function say({ json }: Json, user: UserRecord, sentence: string): void {
  print(json === true ? JSON.stringify(user, null, 2) : sentence);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
