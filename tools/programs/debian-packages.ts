import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from './error-text.js';
import { runProgram, type ProgramOptions } from './run-program.js';

/** Some of Debian's packages, with what they need of their dependencies. */
export type PackageSet = {
  /** The release they come from: the host's own, or one by its name. */
  release: 'host' | 'forky';
  /** The packages that are wanted. */
  roots: readonly string[];
  /** Which of their dependencies, and of those in turn, come along; everything else is expected of the host. */
  follow: RegExp;
  /** Which of these do not after all: they are never loaded, or the host has them for certain. */
  leave: RegExp;
};

/** A stanza of a package index: its fields. */
export type PackageIndex = ReadonlyMap<string, Readonly<Record<string, string>>>;

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Unpacks packages of Debian into a folder, without installing them: nothing on this machine changes, and it need not be
 * root. `packages.txt` in the folder lists what they are. Rejects where there is no apt-get, or a package cannot be had.
 */
export async function unpackDebianPackages(set: PackageSet, folder: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'unity-purchase-packages-'));
  try {
    const options = await configureApt(set.release, work);
    await runProgram('apt-get', ['--quiet=2', 'update'], options);
    const index = parsePackageIndex(await runProgram('apt-cache', ['dumpavail'], options));
    const names = closureOf(set, index);
    await runProgram('apt-get', ['--quiet=2', 'download', ...names], options);
    const archives = (await readdir(work)).filter((name) => name.endsWith('.deb')).sort();
    for (const archive of archives) await runProgram('dpkg-deb', ['-x', join(work, archive), folder]);
    await writeFile(join(folder, 'packages.txt'), `${archives.join('\n')}\n`);
  } catch (error) {
    throw new Error(
      `packages of Debian could not be had (${errorText(error)}). Or start the server in another way, as with compose.yaml: ` +
        'one that answers where the component file says is used.',
      { cause: error },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The stanzas of a package index by the names of their packages. */
export function parsePackageIndex(text: string): PackageIndex {
  const index = new Map<string, Record<string, string>>();
  for (const stanza of text.split('\n\n')) {
    const fields = Object.fromEntries(
      [...stanza.matchAll(/^([A-Za-z-]+): (.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
    );
    if (fields['Package'] !== undefined) index.set(fields['Package'], fields);
  }
  return index;
}

/** The packages of a set: its roots, and the dependencies that it follows. Throws for a root that is not there. */
export function closureOf(
  { roots, follow, leave }: Omit<PackageSet, 'release'>,
  index: PackageIndex,
): string[] {
  const providers = new Map<string, string>();
  for (const [name, { Provides = '' }] of index)
    for (const virtual of namesIn(Provides)) if (!providers.has(virtual)) providers.set(virtual, name);
  const missing = roots.filter((root) => !index.has(root));
  if (missing.length > 0) throw new Error(`there is no package ${missing.join(', ')}`);
  const chosen = new Set<string>();
  const waiting = [...roots];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const real = index.has(name) ? name : providers.get(name);
    if (real === undefined || chosen.has(real)) continue;
    if (!roots.includes(real) && (leave.test(real) || !follow.test(real))) continue;
    chosen.add(real);
    const { Depends = '', 'Pre-Depends': preDepends = '' } = index.get(real) ?? {};
    waiting.push(...namesIn(Depends), ...namesIn(preDepends));
  }
  return [...chosen].sort();
}

/** The first alternative of each relation: `libc6 (>= 2.34), awk | mawk` are libc6 and awk. */
function namesIn(relations: string): string[] {
  return relations.split(',').flatMap((relation) => /^\s*([a-z0-9][a-z0-9+.-]+)/.exec(relation)?.[1] ?? []);
}

/** An apt with sources, lists and status of its own: the host's are neither read nor written. */
async function configureApt(release: PackageSet['release'], work: string): Promise<ProgramOptions> {
  await access(keyring).catch(() => {
    throw new Error(`there is no ${keyring}: this works on Debian only`);
  });
  const host = await hostRelease();
  const suite = release === 'host' ? host : release;
  const source = `deb [signed-by=${keyring}] ${await archiveOf(host)} ${suite} main\n`;
  for (const folder of ['lists/partial', 'cache/archives/partial', 'none.d'])
    await mkdir(join(work, folder), { recursive: true });
  await writeFile(join(work, 'status'), '');
  await writeFile(join(work, 'sources.list'), source);
  const places = {
    'Dir::Etc': work,
    'Dir::Etc::sourcelist': join(work, 'sources.list'),
    'Dir::Etc::sourceparts': 'none.d',
    'Dir::Etc::parts': 'none.d',
    'Dir::Etc::preferences': 'none',
    'Dir::Etc::preferencesparts': 'none.d',
    'Dir::State': work,
    'Dir::State::lists': join(work, 'lists'),
    'Dir::State::status': join(work, 'status'),
    'Dir::Cache': join(work, 'cache'),
    'Acquire::Languages': 'none',
    // Mirrors lag. The signature is checked all the same.
    'Acquire::Check-Valid-Until': 'false',
    // It would otherwise become another user, who cannot read a private folder.
    'APT::Sandbox::User': 'root',
  };
  const config = join(work, 'apt.conf');
  await writeFile(
    config,
    Object.entries(places)
      .map(([key, value]) => `${key} "${value}";\n`)
      .join(''),
  );
  return { cwd: work, env: { ...process.env, APT_CONFIG: config } };
}

/** The name of this Debian's release. Rejects where there is none. */
export async function hostRelease(): Promise<string> {
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1];
  if (codename === undefined) throw new Error('/etc/os-release has no VERSION_CODENAME');
  return codename;
}

/** The archive that the host's own packages come from. */
async function archiveOf(release: string): Promise<string> {
  const format = '$(RELEASE) $(COMPONENT) $(REPO_URI)';
  const targets = await runProgram('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const uri = targets
    .split('\n')
    .map((line) => line.split(' '))
    .find(([suite, component]) => suite === release && component === 'main')?.[2];
  if (uri === undefined) throw new Error(`apt has no source for the component main of ${release}`);
  return uri;
}
