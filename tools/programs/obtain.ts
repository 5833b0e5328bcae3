import { chmod } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { errorText } from './error-text.js';
import { defaultCacheRoot, installAtomically, installedPath } from './cache.js';
import { builtDaprdVersion } from './daprd-recipe.js';
import { buildWithGo } from './go-build.js';
import {
  ChecksumMismatchError,
  isReleased,
  officialReleaseHost,
  unpackOfficialRelease,
  type ReleasedTool,
} from './official-release.js';
import { currentPlatform, executableName } from './platform.js';
import { progressOn, type Progress } from './progress.js';
import { runProgram } from './run-program.js';
import { versions, type ToolName } from './versions.js';

export type ObtainOptions = {
  cacheRoot?: string;
  /** Replaces https://github.com. */
  releaseHost?: string;
  /** The folders to search for an installed tool. The default is PATH and the folder that `dapr init` installs daprd in. */
  searchFolders?: readonly string[];
  /** The Go command. The default is `go`. */
  go?: string;
  progress?: Progress;
};

export type Obtained = {
  path: string;
  origin: 'cache' | 'installed' | 'official release' | 'built with Go';
};

/** The first lines that each tool may print for `--version`: as a release, and as built here if that differs. */
const versionLines: Record<ToolName, readonly string[]> = {
  daprd: [versions.daprd, builtDaprdVersion],
  'nats-server': [`nats-server: v${versions['nats-server']}`],
  ferretdb: [`version: v${versions.ferretdb}`],
  dapr: [`CLI version: ${versions.dapr}`],
};

/**
 * Resolves to the path of a tool at its pinned version. Tries, in this order, the cache, an installed program, the official release
 * with a verified checksum, and a build with Go. The last two are stored in the cache. Rejects with the reason for each failure
 * and what to do.
 */
export async function obtainTool(tool: ToolName, options: ObtainOptions = {}): Promise<string> {
  return (await obtainToolAndOrigin(tool, options)).path;
}

/** As `obtainTool`, and also resolves to the origin of the tool. */
export async function obtainToolAndOrigin(tool: ToolName, options: ObtainOptions = {}): Promise<Obtained> {
  const { cacheRoot = defaultCacheRoot(), progress = progressOn(process.stderr) } = options;
  const present = await findExisting(tool, cacheRoot, options.searchFolders ?? defaultSearchFolders(tool));
  if (present !== undefined) return present;

  const install = (produce: (folder: string) => Promise<string>): Promise<string> =>
    installAtomically(cacheRoot, tool, async (folder) => {
      const program = await produce(folder);
      // Not every archive contains the permission to execute.
      await chmod(program, 0o755);
      await requireVersion(tool, program);
      return program;
    });
  const failures: string[] = [];
  progress.say(`${tool} ${versions[tool]} is not installed yet.`);
  if (isReleased(tool)) {
    try {
      const path = await install((folder) => release(tool, folder, options, progress));
      return { path, origin: 'official release' };
    } catch (error) {
      failures.push(`official release: ${errorText(error)}`);
      if (error instanceof ChecksumMismatchError) progress.say(`WARNING: ${error.message}.`);
      else progress.say(`Could not download the official release (${errorText(error)}).`);
    }
  }
  try {
    const path = await install((folder) => buildWithGo(tool, folder, progress, options.go));
    return { path, origin: 'built with Go' };
  } catch (error) {
    failures.push(`build with Go: ${errorText(error)}`);
  }
  throw new Error(
    [
      `Could not obtain ${tool} ${versions[tool]}.`,
      ...failures.map((failure) => `- ${failure}`),
      `To fix this, provide one of: a ${tool} ${versions[tool]} on the PATH, ` +
        (isReleased(tool) ? `access to ${officialReleaseHost}, ` : '') +
        `or Go ${versions.goMinimum} or newer with access to a Go module proxy.`,
    ].join('\n'),
  );
}

async function release(
  tool: ReleasedTool,
  folder: string,
  options: ObtainOptions,
  progress: Progress,
): Promise<string> {
  const host = options.releaseHost ?? officialReleaseHost;
  return unpackOfficialRelease(tool, currentPlatform(), folder, host, progress);
}

async function findExisting(
  tool: ToolName,
  cacheRoot: string,
  searchFolders: readonly string[],
): Promise<Obtained | undefined> {
  const cached = installedPath(cacheRoot, tool);
  if (await hasVersion(tool, cached)) return { path: cached, origin: 'cache' };
  for (const folder of searchFolders) {
    const path = join(folder, executableName(tool));
    if (await hasVersion(tool, path)) return { path, origin: 'installed' };
  }
  return undefined;
}

/** The folders of PATH. For daprd, also the folder that `dapr init` installs it in, which is not on the PATH. */
function defaultSearchFolders(tool: ToolName): string[] {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const daprCliFolder = join(process.env['DAPR_RUNTIME_PATH'] || homedir(), '.dapr', 'bin');
  return tool === 'daprd' ? [...onPath, daprCliFolder] : onPath;
}

/** The version of the daprd that tests and `npm start` use here: that of the release, or that of our build. */
export async function daprdVersion(): Promise<string> {
  return readVersion(await obtainTool('daprd'));
}

async function requireVersion(tool: ToolName, path: string): Promise<void> {
  const answer = await readVersion(path);
  if (!versionLines[tool].includes(answer))
    throw new Error(
      `the program prints the version "${answer}", but "${versionLines[tool].join('" or "')}" was expected`,
    );
}

async function hasVersion(tool: ToolName, path: string): Promise<boolean> {
  return readVersion(path).then(
    (answer) => versionLines[tool].includes(answer),
    () => false,
  );
}

async function readVersion(path: string): Promise<string> {
  // The tools answer within milliseconds. A program that hangs is another one.
  const answer = await runProgram(path, ['--version'], { timeoutMs: 10_000 });
  return answer.trim().split('\n')[0]?.trim() ?? '';
}
