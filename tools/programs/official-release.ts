import { join } from 'node:path';
import { downloadFile, downloadText } from './download.js';
import { executableName, type Platform } from './platform.js';
import { formatMegabytes, type Progress } from './progress.js';
import { runProgram } from './run-program.js';
import { versions, type ToolName } from './versions.js';

/** The host of the official releases. */
export const officialReleaseHost = 'https://github.com';

/** An archive does not have the checksum its publisher states. It is neither unpacked nor run. */
export class ChecksumMismatchError extends Error {
  override readonly name = 'ChecksumMismatchError';
}

type Release = {
  archive: string;
  /** The path of the archive's folder on the host. */
  folder: string;
  /** The file in that folder that contains its checksum. */
  checksums: string;
  /** The path of the program inside the archive. */
  program: string;
};

/** The names of each project's files. All projects publish zip archives for Windows and tar.gz archives otherwise. */
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

/** The tools that publish release archives with checksums. */
export type ReleasedTool = keyof typeof releases;

/** Whether a tool publishes release archives. Other tools are built from source. */
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
 * Downloads the official release into `folder` and unpacks it there. Resolves to the program's path. Rejects if the host is
 * unreachable or lacks the file, and with ChecksumMismatchError if the archive does not have the published checksum.
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
      detail(`${formatMegabytes(received)}${total === undefined ? '' : ` of ${formatMegabytes(total)}`}`);
    }),
  );
  if (actual !== expected)
    throw new ChecksumMismatchError(
      `${release.archive} has the SHA-256 ${actual}, but its publisher states ${expected}. It was not used`,
    );
  // On Windows, tar is bsdtar, which also unpacks zip archives.
  await runProgram('tar', ['-xf', release.archive], { cwd: folder });
  return join(folder, release.program);
}

/**
 * The SHA-256 of a file in the output of `sha256sum` (`<hex> *<path>`). A checksum without a path also counts. Throws if the
 * text has no checksum of the file.
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
