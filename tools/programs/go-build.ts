import { chmod, cp, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exists } from './exists.js';
import { keptRegistrations } from './daprd-components.js';
import { requireGo } from './go-toolchain.js';
import { executableName } from './platform.js';
import type { Progress } from './progress.js';
import { runProgram } from './run-program.js';
import { versions, type ToolName } from './versions.js';

/**
 * Builds a tool from its published Go module into `folder`. Resolves to the program's path. Rejects if Go is missing or too old,
 * or if a module cannot be downloaded.
 */
export async function buildWithGo(
  tool: ToolName,
  folder: string,
  progress: Progress,
  go = 'go',
): Promise<string> {
  await requireGo(go);
  switch (tool) {
    case 'daprd':
      return buildDaprd(folder, progress, go);
    case 'dapr':
      return buildDaprCli(folder, progress, go);
    case 'nats-server':
      return goInstall(tool, 'github.com/nats-io/nats-server/v2', folder, progress, go);
    case 'ferretdb':
      return goInstall(tool, 'github.com/FerretDB/FerretDB/v2/cmd/ferretdb', folder, progress, go);
  }
}

async function goInstall(
  tool: ToolName,
  packagePath: string,
  folder: string,
  progress: Progress,
  go: string,
): Promise<string> {
  await progress.during(`Building ${tool} with Go (about a minute)`, (detail) =>
    runProgram(go, ['install', '-ldflags', '-s -w', `${packagePath}@v${versions[tool]}`], {
      env: { ...process.env, CGO_ENABLED: '0', GOBIN: folder },
      onProgressLine: detail,
    }),
  );
  return join(folder, executableName(tool));
}

/**
 * Dapr's CLI requires a version of components-contrib that the module proxy lacks. It uses little of it, so the nearest release
 * replaces it. Only the main module may replace modules, so the build uses a main module of its own.
 */
async function buildDaprCli(folder: string, progress: Progress, go: string): Promise<string> {
  const program = join(folder, executableName('dapr'));
  const module = [
    'module dapr-cli-build',
    `go ${versions.goMinimum}`,
    `require github.com/dapr/cli v${versions.dapr}`,
    'replace github.com/dapr/components-contrib => github.com/dapr/components-contrib v1.16.0',
    '',
  ];
  await writeFile(join(folder, 'go.mod'), module.join('\n'));
  const flags = `-s -w -X main.version=${versions.dapr} -X main.apiVersion=1.0`;
  await progress.during("Building Dapr's CLI with Go (about three minutes on two cores)", (detail) =>
    runProgram(go, ['build', '-mod=mod', '-ldflags', flags, '-o', program, 'github.com/dapr/cli'], {
      cwd: folder,
      env: { ...process.env, CGO_ENABLED: '0' },
      onProgressLine: detail,
    }),
  );
  return program;
}

/**
 * `go install` rejects daprd, because its go.mod contains replace directives. So its source is copied from the module cache,
 * with upstream's go.mod and go.sum, and built there.
 */
async function buildDaprd(folder: string, progress: Progress, go: string): Promise<string> {
  const program = join(folder, executableName('daprd'));
  const flags = [
    '-tags',
    'allcomponents',
    '-ldflags',
    `-s -w -X ${daprVersionIn('dapr/pkg/buildinfo.version')} -X ${daprVersionIn('kit/logger.DaprVersion')}`,
  ];
  await progress.during('Building daprd with Go (about five minutes on two cores)', async (detail) => {
    const source = await daprdSource(dirname(folder), go, detail);
    await runProgram(go, ['build', ...flags, '-o', program, './cmd/daprd'], {
      cwd: source,
      env: { ...process.env, CGO_ENABLED: '0' },
      onProgressLine: detail,
    });
  });
  return program;
}

function daprVersionIn(variable: string): string {
  return `github.com/dapr/${variable}=${versions.daprd}`;
}

/**
 * Prepares the trimmed source in the cache folder of this version and choice of components. The path is always the same, because
 * Go's build cache depends on it. The folder is renamed into place when complete, so that concurrent builds can share it.
 */
async function daprdSource(parent: string, go: string, detail: (text: string) => void): Promise<string> {
  const kept = Object.keys(keptRegistrations);
  const source = join(parent, 'source');
  if (await exists(source)) return source;
  const answer = await runProgram(
    go,
    ['mod', 'download', '-json', `github.com/dapr/dapr@v${versions.daprd}`],
    {
      onProgressLine: detail,
    },
  );
  const { Dir: module } = JSON.parse(answer) as { Dir: string };
  const temporary = await mkdtemp(join(parent, '.source-'));
  try {
    await cp(module, temporary, { recursive: true });
    await makeWritable(temporary);
    await trimRegistrations(join(temporary, 'cmd', 'daprd', 'components'), kept);
    await rename(temporary, source).catch(async (error: unknown) => {
      // Another process was faster: a folder cannot replace one that is not empty.
      if (!(await exists(source))) throw error;
    });
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return source;
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
    throw new Error(`daprd ${versions.daprd} has no registration file named ${missing.join(', ')}`);
  const others = files.filter((name) => !kept.includes(name.slice(0, -'.go'.length)));
  await Promise.all(others.map((name) => rm(join(folder, name))));
}
