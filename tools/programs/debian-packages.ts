import { access, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from './error-text.js';
import { runProgram, type ProgramOptions } from './run-program.js';

/** Debian packages to unpack together with their dependencies. */
export type PackageSet = {
  /** The Debian release they come from: the host's own, or one by its name. */
  release: 'host' | 'forky';
  packages: readonly string[];
  /**
   * Names of packages that apt treats as installed, as regular expressions for the whole name. Neither they nor their own
   * dependencies are unpacked: the host has them, or the programs never load them.
   */
  treatedAsInstalled: readonly string[];
};

const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Unpacks Debian packages and their dependencies into a folder. apt resolves the dependencies. Nothing is installed, nothing
 * on this machine changes, and root is not required. `packages.txt` in the folder lists the unpacked archives.
 * Rejects if there is no apt-get, or if a package cannot be resolved or downloaded.
 */
export async function unpackDebianPackages(set: PackageSet, folder: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'unity-purchase-packages-'));
  try {
    const options = await configureApt(set.release, work);
    await runProgram('apt-get', ['--quiet=2', 'update'], options);
    const index = await runProgram('apt-cache', ['dumpavail'], options);
    await writeFile(join(work, 'status'), statusOf(index, set.treatedAsInstalled));
    const flags = ['--quiet=2', '--yes', '--no-install-recommends', '--download-only'];
    await runProgram('apt-get', ['install', ...flags, ...set.packages], options);
    const downloads = join(work, 'cache', 'archives');
    const archives = (await readdir(downloads)).filter((name) => name.endsWith('.deb')).sort();
    for (const archive of archives) await runProgram('dpkg-deb', ['-x', join(downloads, archive), folder]);
    await writeFile(join(folder, 'packages.txt'), `${archives.join('\n')}\n`);
  } catch (error) {
    throw new Error(
      `Could not download ${set.packages.join(', ')} from Debian: ${errorText(error)}. ` +
        'Alternatively, start the server yourself, for example with compose.yaml, at the address in the component file.',
      { cause: error },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/**
 * The content of a dpkg status file that lists the matching packages of a package index as installed. Their dependencies
 * are omitted, so that apt does not ask for them. They are on hold, because apt would otherwise replace a package whose
 * dependencies differ from the index.
 */
export function statusOf(index: string, treatedAsInstalled: readonly string[]): string {
  const pattern = new RegExp(`^Package: (?:${treatedAsInstalled.join('|')})$`, 'm');
  return index
    .split('\n\n')
    .filter((stanza) => pattern.test(stanza))
    .map(
      (stanza) => `Status: hold ok installed\n${stanza.replace(/^(?:Pre-)?Depends: .*\n?/gm, '').trim()}\n\n`,
    )
    .join('');
}

/** Configures an apt with its own sources, lists, status and cache. It neither reads nor changes those of the host. */
async function configureApt(release: PackageSet['release'], work: string): Promise<ProgramOptions> {
  await access(keyring).catch(() => {
    throw new Error(`${keyring} does not exist; this works on Debian only`);
  });
  const host = await hostRelease();
  const suite = release === 'host' ? host : release;
  const source = `deb [signed-by=${keyring}] ${await archiveOf(host)} ${suite} main\n`;
  for (const folder of ['lists/partial', 'cache/archives/partial', 'none.d'])
    await mkdir(join(work, folder), { recursive: true });
  await writeFile(join(work, 'status'), '');
  await writeFile(join(work, 'sources.list'), source);
  const settings = {
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
    // Mirrors may lag behind. apt still verifies the signature.
    'Acquire::Check-Valid-Until': 'false',
    // apt would otherwise switch to another user, who cannot read a private folder.
    'APT::Sandbox::User': 'root',
  };
  const config = join(work, 'apt.conf');
  await writeFile(
    config,
    Object.entries(settings)
      .map(([key, value]) => `${key} "${value}";\n`)
      .join(''),
  );
  return { cwd: work, env: { ...process.env, APT_CONFIG: config } };
}

/** The code name of the host's Debian release. Rejects on other systems. */
export async function hostRelease(): Promise<string> {
  const codename = /^VERSION_CODENAME=(\w+)$/m.exec(await readFile('/etc/os-release', 'utf8'))?.[1];
  if (codename === undefined) throw new Error('/etc/os-release has no VERSION_CODENAME');
  return codename;
}

/** The URI of the archive that the host's own packages come from. */
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
