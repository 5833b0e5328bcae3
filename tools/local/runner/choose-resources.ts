import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** The names of a folder in components/brokers and one in components/stores. */
export type Choice = { broker: string; store: string };

const kinds = { broker: 'brokers', store: 'stores' } as const;

/** Returns the names of the brokers or stores that have component files, sorted. */
export async function choicesOf(kind: keyof typeof kinds, root: string): Promise<string[]> {
  const entries = await readdir(join(root, 'components', kinds[kind]), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Rejects for a broker or store without component files, listing those that have some. */
export async function requireChoice(choice: Choice, root: string): Promise<void> {
  for (const kind of ['broker', 'store'] as const) await folderOf(kind, choice[kind], root);
}

/** Returns the folder with the component files of a broker or store. Rejects as `requireChoice` does. */
export async function folderOf(kind: keyof typeof kinds, name: string, root: string): Promise<string> {
  const known = await choicesOf(kind, root);
  if (!known.includes(name))
    throw new Error(`There is no ${kind} "${name}". Choose one of: ${known.join(', ')}.`);
  return join(root, 'components', kinds[kind], name);
}

/** Replaces the broker's and the store's folder of the run file with the chosen ones. Other paths stay as they are. */
export function chooseResources(paths: readonly string[], choice: Choice, root: string): string[] {
  return paths.map((path) => {
    const [first, kind, name, ...rest] = relative(root, path).split(sep);
    if (first !== 'components' || name === undefined) return path;
    if (kind === kinds.broker) return join(root, first, kind, choice.broker, ...rest);
    if (kind === kinds.store) return join(root, first, kind, choice.store, ...rest);
    return path;
  });
}

/** Throws when a folder or file does not exist, because daprd would start without it. */
export function requirePaths(paths: readonly string[]): void {
  const missing = paths.filter((path) => !existsSync(path));
  if (missing.length > 0)
    throw new Error(`The run file names files or folders that do not exist: ${missing.join(', ')}`);
}
