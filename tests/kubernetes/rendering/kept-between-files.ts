import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot, versions } from '@unity-purchase/tools';

const folder = join(projectRoot, 'node_modules', '.cache', 'unity-purchase', 'rendered');

/**
 * What `make` returns, which every test file of the same tree shares: Jest gives each its own modules, and rendering and parsing
 * all of it takes ten seconds. It depends on the files below `folders`, on `options`, and on the version of kubectl.
 */
export async function keptBetweenFiles<T>(
  folders: readonly string[],
  options: unknown,
  make: () => Promise<T>,
): Promise<T> {
  const name = `${await digestOf(folders, options)}.json`;
  const file = join(folder, name);
  const kept = await readFile(file, 'utf8').catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept) as T;
  const made = await make();
  await mkdir(folder, { recursive: true });
  // Another process may make the same, and reads nothing that is half written.
  const own = `${file}.${process.pid}`;
  await writeFile(own, JSON.stringify(made));
  await rename(own, file);
  for (const other of await readdir(folder))
    if (other.endsWith('.json') && other !== name) await rm(join(folder, other), { force: true });
  return made;
}

async function digestOf(folders: readonly string[], options: unknown): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([versions.kubernetes, options]));
  for (const root of folders)
    for (const name of (await readdir(root, { recursive: true })).sort()) {
      const path = join(root, name);
      if ((await stat(path)).isFile()) hash.update(`\0${name}\0`).update(await readFile(path));
    }
  return hash.digest('hex');
}
