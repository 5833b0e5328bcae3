import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheRoot, installFolder } from './cache.js';
import { requireGo } from './go-toolchain.js';
import { executableName } from './platform.js';
import { progressOn, type Progress } from './progress.js';
import { runProgram } from './run-program.js';
import { versions } from './versions.js';

/** Programs of one published Go module, which are built together. */
export type GoPrograms = {
  /** What the folder in the cache is called. */
  name: string;
  /** The module (`github.com/kedacore/keda/v2`) and its version (`v2.20.2`). */
  module: string;
  version: string;
  /** The main packages by the names that their programs get. */
  packages: Readonly<Record<string, string>>;
  /** The version that a module has which upstream's go.mod names at v0.0.0, as Kubernetes does with its own parts. */
  stagingVersion?: string;
  /** Whether it is built with cgo, and so needs a C compiler. */
  needsC?: boolean;
  /** For Go's linker, besides those that leave out symbols. */
  linkerFlags?: readonly string[];
  /** Said beside "Building … with Go": how long it takes on two cores. */
  takes: string;
};

/** What `go mod edit -json` says of a go.mod. */
type GoMod = {
  Require?: readonly { Path: string; Version: string }[] | null;
  Replace?:
    readonly { Old: { Path: string; Version?: string }; New: { Path: string; Version?: string } }[] | null;
};

/**
 * Resolves to the folder with the programs, built into the cache unless they are there. `go install` refuses modules whose
 * go.mod replaces others, and only a main module's replacements count: so a module around it repeats them. Rejects when
 * Go is missing or too old, or a module cannot be had.
 */
export async function obtainGoPrograms(
  programs: GoPrograms,
  { cacheRoot = defaultCacheRoot(), progress = progressOn(process.stderr), go = 'go' } = {},
): Promise<string> {
  return installFolder(cacheRoot, join('go', folderName(programs)), async (folder) => {
    await requireGo(go);
    await progress.during(`Building ${programs.name} with Go (${programs.takes})`, (detail) =>
      build(programs, folder, go, detail),
    );
  });
}

/** As `obtainGoPrograms`, for one of the programs: the one that is called as the build is, unless another is named. */
export async function obtainGoProgram(
  programs: GoPrograms,
  program: string = programs.name,
): Promise<string> {
  return join(await obtainGoPrograms(programs), executableName(program));
}

/** Tells builds of the same version apart that were made in another way. */
function folderName({ name, ...rest }: GoPrograms): string {
  const made = createHash('sha256')
    .update(JSON.stringify([rest.packages, rest.stagingVersion, rest.linkerFlags]))
    .digest('hex')
    .slice(0, 8);
  return `${name}-${rest.version}-${made}`;
}

async function build(
  programs: GoPrograms,
  folder: string,
  go: string,
  detail: Parameters<Parameters<Progress['during']>[1]>[0],
): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'unity-purchase-go-'));
  try {
    const options = {
      cwd: work,
      env: { ...process.env, CGO_ENABLED: programs.needsC === true ? '1' : '0' },
      onProgressLine: detail,
    };
    const upstream = await upstreamGoMod(programs, go, options);
    await writeFile(join(work, 'go.mod'), wrapperGoMod(programs, upstream));
    const flags = ['-s', '-w', ...(programs.linkerFlags ?? [])].join(' ');
    for (const [program, packagePath] of Object.entries(programs.packages)) {
      const built = join(folder, executableName(program));
      const into = ['-ldflags', flags, '-o', built, packagePath];
      await runProgram(go, ['build', '-mod=mod', '-trimpath', ...into], options);
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function upstreamGoMod(
  { module, version }: GoPrograms,
  go: string,
  options: Parameters<typeof runProgram>[2],
): Promise<GoMod> {
  const answer = await runProgram(go, ['mod', 'download', '-json', `${module}@${version}`], options);
  const { GoMod: file } = JSON.parse(answer) as { GoMod: string };
  return JSON.parse(await runProgram(go, ['mod', 'edit', '-json', file], options)) as GoMod;
}

/** A module that needs upstream's and replaces what upstream replaces. */
export function wrapperGoMod({ module, version, stagingVersion }: GoPrograms, upstream: GoMod): string {
  const isElsewhere = (path: string): boolean => !path.startsWith('.') && !path.startsWith('/');
  const replacements = (upstream.Replace ?? [])
    // A folder beside upstream's go.mod is not in the module that is published.
    .filter((replacement) => isElsewhere(replacement.New.Path))
    .map(({ Old, New }) => `replace ${named(Old)} => ${named(New)}`);
  const staged = (upstream.Require ?? [])
    .filter((requirement) => stagingVersion !== undefined && requirement.Version === 'v0.0.0')
    .map(({ Path }) => `replace ${Path} => ${Path} ${stagingVersion ?? ''}`);
  return [
    'module unity-purchase-build',
    `go ${versions.goMinimum}`,
    `require ${module} ${version}`,
    ...replacements,
    ...staged,
    '',
  ].join('\n');
}

function named({ Path, Version = '' }: { Path: string; Version?: string }): string {
  return `${Path} ${Version}`.trim();
}
