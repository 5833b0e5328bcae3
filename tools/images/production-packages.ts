import { z } from 'zod';

/** The dependencies in npm's lock file (lockfileVersion 3). */
const names = z.record(z.string(), z.string()).default({});
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      /** The target of a link: a workspace. */
      resolved: z.string().optional(),
      link: z.boolean().optional(),
      dependencies: names,
      optionalDependencies: names,
      peerDependencies: names,
    }),
  ),
});

type Packages = z.infer<typeof lockSchema>['packages'];

/**
 * The third-party packages that a workspace needs at run time, from the text of npm's lock file: their folders, each with its
 * version. Peer dependencies count if they are installed. Throws if the lock file lacks the workspace.
 */
export function productionPackages(lock: string, workspace: string): Map<string, string> {
  const { packages } = lockSchema.parse(JSON.parse(lock));
  const packagesByFolder = new Map<string, string>();
  const seen = new Set<string>();
  const waiting = [workspace];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (seen.has(folder)) continue;
    seen.add(folder);
    const entry = packages[folder];
    if (entry === undefined) throw new Error(`package-lock.json has no ${folder}. Run npm install.`);
    if (entry.link === true) {
      waiting.push(entry.resolved ?? '');
      continue;
    }
    if (folder.includes('node_modules/')) packagesByFolder.set(folder, entry.version ?? '');
    const { dependencies, optionalDependencies, peerDependencies } = entry;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const found = resolveFolder(name, folder, packages);
      if (found !== undefined) waiting.push(found);
    }
  }
  return packagesByFolder;
}

/** The folder in which Node resolves a package from the folder of another one: the nearest `node_modules` that has it. */
function resolveFolder(name: string, from: string, packages: Packages): string | undefined {
  const folders = from.split('/');
  for (let depth = folders.length; depth >= 0; depth -= 1) {
    if (folders[depth - 1] === 'node_modules') continue;
    const folder = [...folders.slice(0, depth), 'node_modules', name].join('/');
    if (packages[folder] !== undefined) return folder;
  }
  return undefined;
}
