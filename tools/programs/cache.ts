import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { exists } from './exists.js';
import { daprdRecipe } from './daprd-recipe.js';
import { executableName } from './platform.js';
import { versions, type ToolName } from './versions.js';

/** The folder for obtained programs. It is outside the checkout, so that a new clone can reuse them. */
export function defaultCacheRoot(env: NodeJS.ProcessEnv = process.env): string {
  // The XDG specification treats an empty value as unset.
  const base = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'unity-purchase');
}

/** The folder of a tool at its pinned version. Each version, and each way of building daprd, has its own folder. */
export function toolFolder(cacheRoot: string, tool: ToolName): string {
  return join(cacheRoot, tool, tool === 'daprd' ? `${versions.daprd}-${daprdRecipe}` : versions[tool]);
}

/** The path of the tool's program after its installation. */
export function installedPath(cacheRoot: string, tool: ToolName): string {
  return join(toolFolder(cacheRoot, tool), executableName(tool));
}

/** After this time, an unfinished installation was interrupted: none takes this long. */
const abandonedAfterMs = 60 * 60 * 1_000;

/**
 * Installs a program into the cache: `produce` fills an empty folder and resolves to the program's path in it, which is then
 * renamed into place. Other processes see either a complete program or none. If several install it at once, the last one wins.
 * Resolves to the program's path.
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
 * As `installAtomically`, for a whole folder: `fill` fills an empty folder, which is then renamed to `<cache>/<name>`. An
 * existing folder is complete and is kept. Resolves to its path.
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
      // Another process was faster: a folder cannot replace one that is not empty.
      if (!(await exists(target))) throw error;
    });
    return target;
  });
}

/** Calls `use` with a temporary folder in `parent`. A rename is atomic only within one file system. */
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
