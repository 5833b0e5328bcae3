import { chmod } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { errorText } from './error-text.js';
import { defaultCacheRoot, installAtomically, installedPath } from './cache.js';
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
  /** Stands in for https://github.com. */
  releaseHost?: string;
  /** Folders to look in for an installed tool; by default those of PATH and where `dapr init` puts daprd. */
  searchFolders?: readonly string[];
  /** The Go program. */
  go?: string;
  progress?: Progress;
};

export type Obtained = {
  path: string;
  origin: 'cache' | 'installed' | 'official release' | 'built with Go';
};

/** The first line of each tool's answer to `--version`. */
const statedVersion: Record<ToolName, string> = {
  daprd: versions.daprd,
  'nats-server': `nats-server: v${versions['nats-server']}`,
  ferretdb: `version: v${versions.ferretdb}`,
  dapr: `CLI version: ${versions.dapr}`,
};

/**
 * Resolves to the path of the tool at its pinned version: what is installed, else the official release with its checksum
 * verified, else a build with Go. The two latter are kept in the cache. Rejects with every way that was tried, why it
 * failed and what to do.
 */
export async function obtainTool(tool: ToolName, options: ObtainOptions = {}): Promise<string> {
  return (await obtainToolAndOrigin(tool, options)).path;
}

/** As `obtainTool`, and tells where the tool came from. */
export async function obtainToolAndOrigin(tool: ToolName, options: ObtainOptions = {}): Promise<Obtained> {
  const { cacheRoot = defaultCacheRoot(), progress = progressOn(process.stderr) } = options;
  const present = await findPresent(tool, cacheRoot, options.searchFolders ?? defaultSearchFolders(tool));
  if (present !== undefined) return present;

  const install = (produce: (folder: string) => Promise<string>): Promise<string> =>
    installAtomically(cacheRoot, tool, async (folder) => {
      const program = await produce(folder);
      // Not every archive carries the permission to execute.
      await chmod(program, 0o755);
      await requireVersion(tool, program);
      return program;
    });
  const failures: string[] = [];
  progress.say(`${tool} ${versions[tool]} is not on this machine yet.`);
  if (isReleased(tool)) {
    try {
      const path = await install((folder) => release(tool, folder, options, progress));
      return { path, origin: 'official release' };
    } catch (error) {
      failures.push(`official release: ${errorText(error)}`);
      if (error instanceof ChecksumMismatchError) progress.say(`WARNING: ${error.message}.`);
      else progress.say(`The official release could not be had (${errorText(error)}).`);
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
      `${tool} ${versions[tool]} could not be obtained.`,
      ...failures.map((failure) => `- ${failure}`),
      `Any one of these helps: a ${tool} ${versions[tool]} on the PATH, ` +
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

async function findPresent(
  tool: ToolName,
  cacheRoot: string,
  searchFolders: readonly string[],
): Promise<Obtained | undefined> {
  const cached = installedPath(cacheRoot, tool);
  if (await statesVersion(tool, cached)) return { path: cached, origin: 'cache' };
  for (const folder of searchFolders) {
    const path = join(folder, executableName(tool));
    if (await statesVersion(tool, path)) return { path, origin: 'installed' };
  }
  return undefined;
}

/** `dapr init` installs daprd for itself, in a folder that is not on the PATH. */
function defaultSearchFolders(tool: ToolName): string[] {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const ofDaprCli = join(process.env['DAPR_RUNTIME_PATH'] || homedir(), '.dapr', 'bin');
  return tool === 'daprd' ? [...onPath, ofDaprCli] : onPath;
}

async function requireVersion(tool: ToolName, path: string): Promise<void> {
  const answer = await askVersion(path);
  if (answer !== statedVersion[tool])
    throw new Error(`the program says "${answer}" where "${statedVersion[tool]}" was expected`);
}

async function statesVersion(tool: ToolName, path: string): Promise<boolean> {
  return askVersion(path).then(
    (answer) => answer === statedVersion[tool],
    () => false,
  );
}

async function askVersion(path: string): Promise<string> {
  // All answer in milliseconds; a program that hangs is not the one we look for.
  const answer = await runProgram(path, ['--version'], { timeoutMs: 10_000 });
  return answer.trim().split('\n')[0]?.trim() ?? '';
}
