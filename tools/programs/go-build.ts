import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildDaprd } from './daprd-build.js';
import { goBuildEnvironment, requireGo } from './go-toolchain.js';
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
    runProgram(go, ['install', '-trimpath', '-ldflags', '-s -w', `${packagePath}@v${versions[tool]}`], {
      env: goBuildEnvironment({ GOBIN: folder }),
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
    runProgram(
      go,
      ['build', '-mod=mod', '-trimpath', '-ldflags', flags, '-o', program, 'github.com/dapr/cli'],
      {
        cwd: folder,
        env: goBuildEnvironment(),
        onProgressLine: detail,
      },
    ),
  );
  return program;
}
