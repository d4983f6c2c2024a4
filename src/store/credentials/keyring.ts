/** The keys that seal secrets: a file of the home, or the environment. Never in the database, never printed. */
import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, syncFolder } from '../../capture/durable-file.ts';
import { MistnetError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';

/** `keys` by id; `current` seals what is new, all of them open what is there. */
export type Keyring = { current: string; keys: ReadonlyMap<string, Secret> };

const LINE = /^([a-z0-9]{1,16}) ([A-Za-z0-9+/]{43}=)$/;

/**
 * Reads `secrets.key`: a line per key, `id base64-of-32-bytes`, the first one seals. Makes the file (mode 0600) when it is missing, unless secrets
 * exist already that another file sealed: the caller says so by `mayMake`. `given`: the same lines from the environment, instead of a
 * file. Throws `config.invalid`.
 */
export async function readKeyring(options: {
  path: string;
  given?: Secret | undefined;
  mayMake: boolean;
}): Promise<Keyring> {
  const { path, given, mayMake } = options;
  if (given !== undefined) return parse(given.reveal().replaceAll(',', '\n'), 'MISTNET_SECRETS_KEY');
  try {
    return parse(await readFile(path, 'utf8'), path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  if (!mayMake)
    throw new MistnetError(
      'config.invalid',
      `There are credentials, but ${path}, which opens them, is missing. Bring it back from a backup, or give its lines in MISTNET_SECRETS_KEY; else remove the credentials and add them anew.`,
    );
  const line = `k${randomBytes(4).toString('hex')} ${randomBytes(32).toString('base64')}\n`;
  await makeFolder(dirname(path));
  return (await makeOnce(path, line)) ? parse(line, path) : await readKeyring(options);
}

/** Of several processes that make the file at once one wins; whoever reads it finds it whole. False for those that did not win. */
async function makeOnce(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    {
      await using file = await open(temporary, 'wx', 0o600);
      await file.writeFile(content);
      await file.sync();
    }
    await link(temporary, path);
    await syncFolder(dirname(path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(temporary, { force: true });
  }
}

function parse(text: string, where: string): Keyring {
  const keys = new Map<string, Secret>();
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue;
    const [, id, key] = LINE.exec(line) ?? [];
    if (id === undefined || key === undefined)
      throw new MistnetError(
        'config.invalid',
        `${where} has a line that is no key; write: id, blank, 32 bytes in base64.`,
      );
    keys.set(id, new Secret(key));
  }
  const [current] = keys.keys();
  if (current === undefined) throw new MistnetError('config.invalid', `${where} holds no key.`);
  return { current, keys };
}
