import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCacheRoot, installFolder } from './cache.js';
import { goBuildEnvironment, requireGo } from './go-toolchain.js';
import { executableName } from './platform.js';
import { progressOn, type Progress } from './progress.js';
import { runProgram } from './run-program.js';
import { versions } from './versions.js';

/** Programs of one published Go module that are built together. */
export type GoPrograms = {
  /** The name of the folder in the cache. */
  name: string;
  /** The module (`github.com/kedacore/keda/v2`) and its version (`v2.20.2`). */
  module: string;
  version: string;
  /** The main packages, by the names of their programs. */
  packages: Readonly<Record<string, string>>;
  /** The version of the modules that upstream's go.mod requires at v0.0.0. Kubernetes does this with its own parts. */
  stagingVersion?: string;
  /** Whether the build uses cgo, which requires a C compiler. */
  needsC?: boolean;
  /** Build tags, which choose parts of a program. */
  tags?: readonly string[];
  /** Flags for Go's linker, in addition to those that omit symbols. */
  linkerFlags?: readonly string[];
  /** How long the build takes, shown as its progress: `about a minute on two cores` */
  takes: string;
};

/** The output of `go mod edit -json`. */
type GoMod = {
  Require?: readonly { Path: string; Version: string }[] | null;
  Replace?:
    readonly { Old: { Path: string; Version?: string }; New: { Path: string; Version?: string } }[] | null;
};

/**
 * Resolves to the folder of the programs, which are built into the cache unless the cache has them. `go install` rejects modules
 * that replace others, and Go ignores replacements outside the main module. So the main module of this build repeats them.
 * Rejects if Go is missing or too old, or if a module cannot be downloaded.
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

/** As `obtainGoPrograms`, but resolves to the path of one program. The default is the program with the name of the build. */
export async function obtainGoProgram(
  programs: GoPrograms,
  program: string = programs.name,
): Promise<string> {
  return join(await obtainGoPrograms(programs), executableName(program));
}

/** The folder of a build, different for each version and each way of building it. */
function folderName({ name, ...rest }: GoPrograms): string {
  const recipe = createHash('sha256')
    .update(JSON.stringify([rest.packages, rest.stagingVersion, rest.linkerFlags, ...(rest.tags ?? [])]))
    .digest('hex')
    .slice(0, 8);
  return `${name}-${rest.version}-${recipe}`;
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
      env: goBuildEnvironment(programs.needsC === true ? { CGO_ENABLED: '1' } : {}),
      onProgressLine: detail,
    };
    const upstream = await upstreamGoMod(programs, go, options);
    await writeFile(join(work, 'go.mod'), wrapperGoMod(programs, upstream));
    const flags = ['-s', '-w', ...(programs.linkerFlags ?? [])].join(' ');
    for (const [program, packagePath] of Object.entries(programs.packages)) {
      const built = join(folder, executableName(program));
      const args = ['-tags', (programs.tags ?? []).join(), '-ldflags', flags, '-o', built, packagePath];
      await runProgram(go, ['build', '-mod=mod', '-trimpath', ...args], options);
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

/** The go.mod of a main module that requires upstream's module and repeats its replacements. */
export function wrapperGoMod({ module, version, stagingVersion }: GoPrograms, upstream: GoMod): string {
  const isModule = (path: string): boolean => !path.startsWith('.') && !path.startsWith('/');
  const replacements = (upstream.Replace ?? [])
    // A folder next to upstream's go.mod is not part of the published module.
    .filter((replacement) => isModule(replacement.New.Path))
    .map(({ Old, New }) => `replace ${moduleVersion(Old)} => ${moduleVersion(New)}`);
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

function moduleVersion({ Path, Version = '' }: { Path: string; Version?: string }): string {
  return `${Path} ${Version}`.trim();
}
