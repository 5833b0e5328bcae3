import { z } from 'zod';

/** The part of npm's lock file that says who needs whom (lockfileVersion 3). */
const names = z.record(z.string(), z.string()).default({});
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      /** Where a link leads to: a workspace. */
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
 * What a workspace needs to run, by the text of npm's lock file: the folders of other people's packages, each with its version.
 * Peers count where they are installed, as npm has it.
 */
export function productionPackages(lock: string, workspace: string): Map<string, string> {
  const { packages } = lockSchema.parse(JSON.parse(lock));
  const needed = new Map<string, string>();
  const seen = new Set<string>();
  const waiting = [workspace];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (seen.has(place)) continue;
    seen.add(place);
    const entry = packages[place];
    if (entry === undefined) throw new Error(`the lock file has no ${place}`);
    if (entry.link === true) {
      waiting.push(entry.resolved ?? '');
      continue;
    }
    if (place.includes('node_modules/')) needed.set(place, entry.version ?? '');
    const { dependencies, optionalDependencies, peerDependencies } = entry;
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
      const found = placeOf(name, place, packages);
      if (found !== undefined) waiting.push(found);
    }
  }
  return needed;
}

/** Where Node finds a package from the folder of another one: there, or in the nearest folder above that has it. */
function placeOf(name: string, from: string, packages: Packages): string | undefined {
  const folders = from.split('/');
  for (let depth = folders.length; depth >= 0; depth -= 1) {
    if (folders[depth - 1] === 'node_modules') continue;
    const place = [...folders.slice(0, depth), 'node_modules', name].join('/');
    if (packages[place] !== undefined) return place;
  }
  return undefined;
}
