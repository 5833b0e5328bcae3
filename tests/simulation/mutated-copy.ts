import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A deliberate bug: one text in one file is replaced by another. */
export type Mutation = { file: string; replace: string; by: string };

/** What the simulation runs: it is copied, everything else is linked. */
const copied = [
  'packages',
  'purchase-service',
  'tests/simulation',
  'tests/chaos',
  'tests/conformance',
  'package.json',
];
const workspaces: Readonly<Record<string, string>> = {
  contracts: 'packages/contracts',
  'service-kit': 'packages/service-kit',
  'numbered-log': 'packages/numbered-log',
  'purchase-service': 'purchase-service',
};

/**
 * Copies the code under test into a temporary folder and puts a deliberate bug into the copy. Disposing of it deletes the
 * folder.
 *
 * @throws Error unless the text to replace is in the file exactly once
 */
export async function copyWith(root: string, mutations: readonly Mutation[]) {
  const folder = await mkdtemp(join(tmpdir(), 'unity-simulation-'));
  for (const path of copied)
    await cp(join(root, path), join(folder, path), {
      recursive: true,
      filter: (source) => !/[/\\](node_modules|dist)$/.test(source),
    });
  await linkModules(root, folder);
  for (const { file, replace, by } of mutations) {
    const text = await readFile(join(folder, file), 'utf8');
    if (text.split(replace).length !== 2)
      throw new Error(`${file} does not contain exactly once: ${replace}`);
    await writeFile(
      join(folder, file),
      text.replace(replace, () => by),
    );
  }
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** Links every dependency, and our own workspaces to their copies. */
async function linkModules(root: string, folder: string): Promise<void> {
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@unity-purchase'), { recursive: true });
  for (const name of await readdir(join(root, 'node_modules')))
    if (name !== '@unity-purchase' && !name.startsWith('.'))
      await symlink(join(root, 'node_modules', name), join(modules, name), 'junction');
  for (const [name, path] of Object.entries(workspaces))
    await symlink(join(folder, path), join(modules, '@unity-purchase', name), 'junction');
}
