import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

/** Which folder under components/brokers and which under components/stores is used. */
export type Choice = { broker: string; store: string };

const kinds = { broker: 'brokers', store: 'stores' } as const;

/** The brokers or stores that there are component files for. */
export async function choicesOf(kind: keyof typeof kinds, root: string): Promise<string[]> {
  const entries = await readdir(join(root, 'components', kinds[kind]), { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** Rejects for a broker or store without a folder of component files, listing those that have one. */
export async function requireChoice(choice: Choice, root: string): Promise<void> {
  for (const kind of ['broker', 'store'] as const) await folderOf(kind, choice[kind], root);
}

/** The folder with the component files of a broker or store. Rejects as `requireChoice` does. */
export async function folderOf(kind: keyof typeof kinds, name: string, root: string): Promise<string> {
  const known = await choicesOf(kind, root);
  if (!known.includes(name))
    throw new Error(`There is no ${kind} "${name}". Choose one of: ${known.join(', ')}.`);
  return join(root, 'components', kinds[kind], name);
}

/** Replaces the folder of whatever broker and store the run file names with the chosen ones; other paths stay. */
export function chooseResources(paths: readonly string[], choice: Choice, root: string): string[] {
  return paths.map((path) => {
    const [first, kind, name, ...rest] = relative(root, path).split(sep);
    if (first !== 'components' || name === undefined) return path;
    if (kind === kinds.broker) return join(root, first, kind, choice.broker, ...rest);
    if (kind === kinds.store) return join(root, first, kind, choice.store, ...rest);
    return path;
  });
}

/** Throws when a folder or file is missing: daprd would start without it. */
export function requirePaths(paths: readonly string[]): void {
  const missing = paths.filter((path) => !existsSync(path));
  if (missing.length > 0) throw new Error(`The run file names what is not there: ${missing.join(', ')}`);
}
