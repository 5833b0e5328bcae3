import { join } from 'node:path';
import { downloadFile, downloadText } from './download.js';
import { executableName, type Platform } from './platform.js';
import type { Progress } from './progress.js';
import { runProgram } from './run-program.js';
import { versions, type ToolName } from './versions.js';

/** Where the official releases are published. */
export const officialReleaseHost = 'https://github.com';

/** An archive that is not what its publisher says it is: never unpacked, never run. */
export class ChecksumMismatchError extends Error {
  override readonly name = 'ChecksumMismatchError';
}

type Release = {
  archive: string;
  /** The path of the folder with the archive, below the host. */
  folder: string;
  /** The file beside it that holds its checksum. */
  checksums: string;
  /** Where the program is inside the archive. */
  program: string;
};

/** How each project names its files; all publish zip for Windows and tar.gz for everything else. */
const releases = {
  daprd: (platform: Platform) => daprRelease('daprd', 'dapr/dapr', platform),
  dapr: (platform: Platform) => daprRelease('dapr', 'dapr/cli', platform),
  'nats-server': ({ os, arch }: Platform): Release => {
    const name = `nats-server-v${versions['nats-server']}-${os}-${arch}`;
    return {
      archive: `${name}${extension(os)}`,
      folder: `nats-io/nats-server/releases/download/v${versions['nats-server']}`,
      checksums: 'SHA256SUMS',
      program: join(name, executableName('nats-server')),
    };
  },
};

/** The tools whose official releases come as an archive with a published checksum. */
export type ReleasedTool = keyof typeof releases;

/** Whether there is such a release of a tool; the others are built. */
export function isReleased(tool: ToolName): tool is ReleasedTool {
  return tool in releases;
}

function daprRelease(program: 'daprd' | 'dapr', repository: string, { os, arch }: Platform): Release {
  const archive = `${program}_${os}_${arch}${extension(os)}`;
  return {
    archive,
    folder: `${repository}/releases/download/v${versions[program]}`,
    checksums: `${archive}.sha256`,
    program: executableName(program),
  };
}

/**
 * Downloads the official release into `folder` and unpacks it there; resolves to the program's path. Rejects when the host
 * cannot be reached or has no such file, and with ChecksumMismatchError when the archive is not the published one.
 */
export async function unpackOfficialRelease(
  tool: ReleasedTool,
  platform: Platform,
  folder: string,
  host: string,
  progress: Progress,
): Promise<string> {
  const release = releases[tool](platform);
  const url = `${host}/${release.folder}`;
  const target = join(folder, release.archive);
  const expected = checksumOf(release.archive, await downloadText(`${url}/${release.checksums}`));
  const actual = await progress.during(`Downloading ${release.archive}`, (detail) =>
    downloadFile(`${url}/${release.archive}`, target, (received, total) => {
      detail(`${megabytes(received)}${total === undefined ? '' : ` of ${megabytes(total)}`}`);
    }),
  );
  if (actual !== expected)
    throw new ChecksumMismatchError(
      `${release.archive} has the SHA-256 ${actual}, but its publisher states ${expected}: it was not used`,
    );
  // The tar of Windows is bsdtar, which reads zip, too.
  await runProgram('tar', ['-xf', release.archive], { cwd: folder });
  return join(folder, release.program);
}

/**
 * The SHA-256 of a file in the output of `sha256sum` (`<hex> *<path>`), or the only one there is. Throws when the text has
 * none for it.
 */
export function checksumOf(file: string, checksums: string): string {
  for (const line of checksums.split('\n')) {
    const [hex, path] = line.trim().split(/\s+\*?/);
    if (hex === undefined || !/^[0-9a-f]{64}$/i.test(hex)) continue;
    if (path === undefined || path.split('/').at(-1) === file) return hex.toLowerCase();
  }
  throw new Error(`the published checksums do not mention ${file}`);
}

function extension(os: Platform['os']): string {
  return os === 'windows' ? '.zip' : '.tar.gz';
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
