import { chmod, cp, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exists } from './exists.js';
import { applyPatches } from './apply-patches.js';
import { keptRegistrations } from './daprd-components.js';
import { daprdPatches } from './daprd-patches.js';
import { builtDaprdVersion } from './daprd-recipe.js';
import { executableName } from './platform.js';
import { goBuildEnvironment } from './go-toolchain.js';
import type { Progress } from './progress.js';
import { runProgram } from './run-program.js';
import { versions } from './versions.js';

/** The modules of daprd's go.mod that are patched, too, with the folders that the patches name. */
const patchedModules = {
  'github.com/dapr/components-contrib': 'components-contrib',
  'modernc.org/sqlite': 'sqlite',
};

/**
 * Builds daprd into `folder`. `go install` rejects it, because its go.mod contains replace directives. So its source is copied
 * from the module cache, with upstream's go.mod and go.sum, and built there.
 */
export async function buildDaprd(folder: string, progress: Progress, go: string): Promise<string> {
  const program = join(folder, executableName('daprd'));
  const flags = [
    // As everywhere, so that all builds share the standard library in Go's cache.
    '-trimpath',
    '-tags',
    'allcomponents',
    '-ldflags',
    `-s -w -X ${versionIn('dapr/pkg/buildinfo.version')} -X ${versionIn('kit/logger.DaprVersion')}`,
  ];
  await progress.during('Building daprd with Go (about five minutes on two cores)', async (detail) => {
    const source = await daprdSource(dirname(folder), go, detail);
    await runProgram(go, ['build', ...flags, '-o', program, './cmd/daprd'], {
      cwd: source,
      env: goBuildEnvironment(),
      onProgressLine: detail,
    });
  });
  return program;
}

function versionIn(variable: string): string {
  return `github.com/dapr/${variable}=${builtDaprdVersion}`;
}

/**
 * Prepares the patched and trimmed source in the cache folder of this recipe, and resolves to daprd's module in it. The path is
 * always the same, because Go's build cache depends on it. The folder is renamed into place when complete, so that concurrent
 * builds can share it.
 */
async function daprdSource(parent: string, go: string, detail: (text: string) => void): Promise<string> {
  const source = join(parent, 'source');
  const daprd = join(source, 'dapr');
  if (await exists(source)) return daprd;
  const temporary = await mkdtemp(join(parent, '.source-'));
  try {
    await copyModules(temporary, go, detail);
    await applyPatches(temporary, daprdPatches);
    await trimRegistrations(join(temporary, 'dapr/cmd/daprd/components'), Object.keys(keptRegistrations));
    await rename(temporary, source).catch(async (error: unknown) => {
      // Another process was faster: a folder cannot replace one that is not empty.
      if (!(await exists(source))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return daprd;
}

/** Copies daprd and the patched modules of its go.mod into `folder`, where daprd uses them. */
async function copyModules(folder: string, go: string, detail: (text: string) => void): Promise<void> {
  const daprd = join(folder, 'dapr');
  const run = (args: readonly string[], cwd = folder): Promise<string> =>
    runProgram(go, args, { cwd, onProgressLine: detail });
  const copy = async (module: string, target: string, cwd?: string): Promise<void> => {
    const { Dir: cached } = JSON.parse(await run(['mod', 'download', '-json', module], cwd)) as {
      Dir: string;
    };
    await cp(cached, target, { recursive: true });
    await makeWritable(target);
  };
  await copy(`github.com/dapr/dapr@v${versions.daprdSource}`, daprd);
  for (const [module, name] of Object.entries(patchedModules)) {
    // Without a version, this is the one that daprd's go.mod requires.
    await copy(module, join(folder, name), daprd);
    await run(['mod', 'edit', '-replace', `${module}=../${name}`], daprd);
  }
}

/** Makes a copy of a module writable. The module cache is read-only, and so would be the copy. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeWritable(path);
    else await chmod(path, 0o644);
  }
}

/** Deletes the Go files that register other components. Rejects if a file to keep does not exist, as after a rename upstream. */
export async function trimRegistrations(folder: string, kept: readonly string[]): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.go'));
  const missing = kept.filter((name) => !files.includes(`${name}.go`));
  if (missing.length > 0)
    throw new Error(`daprd ${versions.daprdSource} has no registration file named ${missing.join(', ')}`);
  const others = files.filter((name) => !kept.includes(name.slice(0, -'.go'.length)));
  await Promise.all(others.map((name) => rm(join(folder, name))));
}
