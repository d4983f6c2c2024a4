import { text as readAll } from 'node:stream/consumers';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { Argument, type Command, Option } from 'commander';
import { loadUsers } from '../lazy-parts.ts';
import { readConfig } from '../../config.ts';
import { MistnetError } from '../../core/errors.ts';
import { systemClock } from '../../core/time.ts';
import type { Database } from '../../store/db.ts';
import type { UserRecord, UserRole } from '../../store/users/users.ts';
import type { CommandContext } from '../context.ts';
import { formatTable } from '../format.ts';
import { noteDeed } from '../note-deed.ts';
import { withDatabase } from '../with-database.ts';

const roles = ['viewer', 'collector', 'administrator'] as const;
type Json = { json?: true };

export function addUserCommands(program: Command, { environment }: CommandContext): void {
  const user = program.command('user').description('people who may sign in: add, list, grant, reset-password, …');
  const run = <T>(work: (db: Database) => Promise<T>) => withDatabase(readConfig(environment), work);
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
      const made = await run(async (db) => {
        const wish = { email, name: options.name, password };
        const user = (await hasUsers(db))
          ? await addUser(db, systemClock, { ...wish, role: options.role })
          : await addFirstUser(db, systemClock, wish);
        await note(db, 'user.add', user, { role: user.role });
        return user;
      });
      say(options, made, `${made.name} (${made.email}) can sign in now, as ${made.role}.`);
    });

  user
    .command('list')
    .description('all users')
    .option('--json', 'as JSON')
    .action(async (options: Json) => {
      const { listUsers } = await loadUsers();
      const users = await run((db) => listUsers(db));
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
      const changed = await run(async (db) => {
        const user = await setRole(db, name, wanted);
        await note(db, 'user.grant', user, { role: user.role });
        return user;
      });
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
        const changed = await run(async (db) => {
          const user = await setActive(db, systemClock, name, active);
          await note(db, `user.${verb}`, user);
          return user;
        });
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
      const changed = await run(async (db) => {
        const user = await setPassword(db, systemClock, name, password);
        await note(db, 'user.reset-password', user);
        if (options.forgetSecondFactor !== true) return user;
        await note(db, 'user.remove-second-factor', user);
        return await removeSecondFactor(db, user.userId);
      });
      say(options, changed, `${changed.name} has a new password.`);
    });
}

async function note(db: Database, action: string, { email }: UserRecord, details: Record<string, unknown> = {}) {
  await noteDeed(db, systemClock, { action, target: email, details });
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
