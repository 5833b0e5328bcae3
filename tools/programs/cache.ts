import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { exists } from './exists.js';
import { keptRegistrations } from './daprd-components.js';
import { executableName } from './platform.js';
import { versions, type ToolName } from './versions.js';

/** Where obtained programs are kept: outside the checkout, so that it can be deleted and cloned again cheaply. */
export function defaultCacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  // The XDG specification: an empty value counts as unset.
  const base = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'unity-purchase');
}

/** What a daprd that was built here can do is chosen, and part of what it is. */
const chosenComponents = createHash('sha256')
  .update(Object.keys(keptRegistrations).sort().join(' '))
  .digest('hex')
  .slice(0, 8);

/**
 * The folder of a tool at its pinned version: a new version, or another choice of components, never meets files of an old
 * one.
 */
export function toolFolder(cacheRoot: string, tool: ToolName): string {
  return join(cacheRoot, tool, tool === 'daprd' ? `${versions.daprd}-${chosenComponents}` : versions[tool]);
}

/** Where the tool's program is, once it is installed. */
export function installedPath(cacheRoot: string, tool: ToolName): string {
  return join(toolFolder(cacheRoot, tool), executableName(tool));
}

/** What somebody was interrupted in; no installation takes that long, so nobody works on it any more. */
const abandonedAfterMs = 60 * 60 * 1_000;

/**
 * Puts a program into the cache in one step: `produce` fills an empty folder and returns the program's path in it, which
 * is then renamed into place. Whoever looks sees a complete program or none, also when several do this at once (the last
 * one wins; all made the same). Resolves to the installed path; rejects with what `produce` rejects with.
 */
export async function installAtomically(
  cacheRoot: string,
  tool: ToolName,
  produce: (emptyFolder: string) => Promise<string>,
): Promise<string> {
  const folder = toolFolder(cacheRoot, tool);
  return inTemporaryFolder(folder, async (temporary) => {
    const produced = await produce(temporary);
    const target = installedPath(cacheRoot, tool);
    await rename(produced, target);
    return target;
  });
}

/**
 * As `installAtomically`, for a whole folder: `fill` fills an empty one, which is then renamed to `<cache>/<name>`. One that
 * is there already is complete, and stays. Resolves to its path.
 */
export async function installFolder(
  cacheRoot: string,
  name: string,
  fill: (emptyFolder: string) => Promise<void>,
): Promise<string> {
  const target = join(cacheRoot, name);
  if (await exists(target)) return target;
  return inTemporaryFolder(dirname(target), async (temporary) => {
    const content = join(temporary, 'content');
    await mkdir(content);
    await fill(content);
    await rename(content, target).catch(async (error: unknown) => {
      // Somebody else was faster: a folder cannot be renamed onto one that is not empty.
      if (!(await exists(target))) throw error;
    });
    return target;
  });
}

/** Gives `use` a folder that is gone afterwards, below `parent`, because a rename is atomic only within one file system. */
async function inTemporaryFolder<T>(parent: string, use: (temporary: string) => Promise<T>): Promise<T> {
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const temporary = await mkdtemp(join(parent, '.installing-'));
  try {
    return await use(temporary);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith('.')) continue;
    const path = join(folder, name);
    const age = await stat(path).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    );
    if (age > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}
