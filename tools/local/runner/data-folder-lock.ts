import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processIdentity } from '../../programs/process-identity.js';

/** The file in a data folder that names the process of the system that uses the folder. */
const fileName = 'system.lock';

/**
 * Reserves a data folder for this process until the lock is disposed of. The lock of a process that has ended does not count.
 * Rejects, naming the process, while another system uses the folder: two brokers or stores would write to the same files.
 */
export async function lockDataFolder(dataDir: string): Promise<AsyncDisposable> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, fileName);
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, `${process.pid} ${(await processIdentity(process.pid)) ?? ''}\n`);
  try {
    if (!(await claim(mine, path))) {
      await removeAbandoned(path, mine);
      if (!(await claim(mine, path))) throw await inUse(dataDir, path);
    }
  } finally {
    await rm(mine, { force: true });
  }
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/** Creates the lock unless it exists. A link appears with its content, so that no one reads an empty lock. */
async function claim(mine: string, path: string): Promise<boolean> {
  return link(mine, path).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    },
  );
}

/**
 * Removes the lock if its process has ended. It is moved away first and looked at again: another process may have replaced it
 * in the meantime, and then it is put back.
 */
async function removeAbandoned(path: string, mine: string): Promise<void> {
  if (await isInUse(path)) return;
  const aside = `${mine}.abandoned`;
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  );
  if (!moved) return;
  if (await isInUse(aside)) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

async function isInUse(path: string): Promise<boolean> {
  const owner = await ownerOf(path);
  return owner !== undefined && (await processIdentity(owner.pid)) === owner.identity;
}

/** The process that a lock names. Its start time distinguishes it from a later process with the same id. */
async function ownerOf(path: string): Promise<{ pid: number; identity: string } | undefined> {
  const [, pid, identity = ''] = /^(\d+) (.+)$/m.exec(await readFile(path, 'utf8').catch(() => '')) ?? [];
  return pid === undefined ? undefined : { pid: Number(pid), identity };
}

async function inUse(dataDir: string, path: string): Promise<Error> {
  const owner = await ownerOf(path);
  return new Error(
    [
      `The data folder ${dataDir} is in use${owner === undefined ? '' : ` by process ${owner.pid}`}.`,
      'Nothing was started. Stop that process (is the system already running?) and try again.',
    ].join('\n'),
  );
}
