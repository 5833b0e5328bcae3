import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorText } from '../programs/error-text.js';
import { obtainKubernetesProgram } from '../programs/kubernetes-programs.js';
import { runProgram } from '../programs/run-program.js';
import { fetchMain, gitIn, main, type Git } from './git.js';
import {
  imageNames,
  overlayFile,
  overlayFolder,
  readOverlay,
  referenceOf,
  withRelease,
  type Deployed,
  type Digests,
} from './overlay.js';
import { compareVersions } from './release-version.js';
import { imagesInManifests } from './rendered-images.js';

/** What the cluster is to run, and whether that may be older than what it runs. */
export type Wanted = { version: string; digests: Digests; way: 'release' | 'rollback' };

/** How often somebody else may be faster. Each time one of them is done, so that it ends. */
const attemptsMax = 20;

/**
 * Decides by what is deployed now. Throws for a step in the direction that was not asked for, and for other digests of the
 * same version.
 */
export function decide(deployed: Deployed, { version, digests, way }: Wanted): 'deploy' | 'already deployed' {
  const images = imageNames.map((name) => ({ name, ...deployed[name] }));
  if (images.every((image) => image.version === version && image.digest === digests[image.name]))
    return 'already deployed';
  const changed = images.find(
    (image) =>
      image.version === version && image.digest !== undefined && image.digest !== digests[image.name],
  );
  if (changed !== undefined)
    throw new Error(
      `${changed.name} ${version} is deployed as ${String(changed.digest)}, not as ${digests[changed.name]}. ` +
        'A released version never changes: release a new one.',
    );
  const newer = images.find((image) => compareVersions(image.version, version) > 0);
  if (newer !== undefined && way === 'release')
    throw new Error(
      `${newer.name} ${newer.version} is deployed, which is newer than ${version}: nothing was changed. ` +
        `To go back on purpose: npm run release -- rollback --to ${version}`,
    );
  if (newer === undefined && way === 'rollback')
    throw new Error(
      `${version} is not older than what is deployed (${images.map((image) => `${image.name} ${image.version}`).join(', ')}): ` +
        `nothing was changed. To go forward: npm run release -- bump --tag v${version}`,
    );
  return 'deploy';
}

export type Deployment = {
  git: Git;
  env: NodeJS.ProcessEnv;
  wanted: Wanted;
  print: (line: string) => void;
};

/**
 * Writes both images into the overlay on `main`, in one commit. Whoever is pushing something else meanwhile wins; then all
 * of it is decided again from what they pushed. Rejects, with nothing half done, when it may not or cannot be.
 */
export async function deploy(deployment: Deployment): Promise<void> {
  const { git, print, wanted } = deployment;
  let base = await fetchMain(git);
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const failure = await deployOnto(base, deployment);
    if (failure === undefined) return;
    const newest = await fetchMain(git);
    if (newest === base)
      throw new Error(
        `${main.branch} could not be pushed, and nothing was changed there (${failure}). ` +
          'Look at what the server says, allow it, and run the same again.',
      );
    print(`${main.branch} has moved on meanwhile: deciding again about ${wanted.version}.`);
    base = newest;
  }
  throw new Error(
    `${main.branch} moved on ${attemptsMax} times while ${wanted.version} was being pushed; nothing was changed there. ` +
      'Run the same again when it is calmer.',
  );
}

/** Resolves to why the push failed, or to undefined when the cluster will run what is wanted. */
async function deployOnto(
  base: string,
  { git, env, wanted, print }: Deployment,
): Promise<string | undefined> {
  const before = await git('show', `${base}:${overlayFile}`);
  const deployed = readOverlay(before);
  if (decide(deployed, wanted) === 'already deployed') {
    print(`${wanted.version} is deployed already: nothing to do.`);
    return undefined;
  }
  // Beside the checkout, whose files and branch are nobody's business here.
  const parent = await mkdtemp(join(tmpdir(), 'unity-purchase-release-'));
  const folder = join(parent, 'main');
  await git('worktree', 'add', '--quiet', '--detach', folder, base);
  try {
    const inFolder = gitIn(folder, env);
    const file = join(folder, overlayFile);
    await writeFile(file, withRelease(await readFile(file, 'utf8'), wanted.version, wanted.digests));
    await requireRendered(folder, deployed, wanted);
    await inFolder('add', '--', overlayFile);
    await inFolder(
      ...(await author(inFolder)),
      'commit',
      '--quiet',
      '--message',
      messageOf(deployed, wanted),
    );
    const commit = await inFolder('rev-parse', 'HEAD');
    const { remote, branch } = main;
    const refused = await inFolder('push', '--quiet', remote, `HEAD:refs/heads/${branch}`).then(
      () => undefined,
      errorText,
    );
    if (refused === undefined) print(`${branch} deploys ${wanted.version} from commit ${commit} on.`);
    return refused;
  } finally {
    await git('worktree', 'remove', '--force', folder);
    await rm(parent, { recursive: true, force: true });
  }
}

/** Rejects unless pods would run exactly the two images: what kustomize makes counts, not what the file looks like. */
async function requireRendered(
  folder: string,
  deployed: Deployed,
  { version, digests }: Wanted,
): Promise<void> {
  const rendered = await runProgram(await obtainKubernetesProgram('kubectl'), [
    'kustomize',
    join(folder, overlayFolder),
  ]);
  const expected = imageNames.map((name) =>
    referenceOf({ repository: deployed[name].repository, version, digest: digests[name] }),
  );
  const found = imagesInManifests(rendered);
  const strangers = found.filter((image) => !expected.includes(image));
  const missing = expected.filter((image) => !found.includes(image));
  if (strangers.length + missing.length > 0)
    throw new Error(
      `${overlayFolder} would run ${strangers.join(', ') || 'nothing else'}, and not ${missing.join(', ') || 'the two images alone'}: ` +
        'nothing was changed. Correct the overlay first.',
    );
}

function messageOf(deployed: Deployed, { version, digests, way }: Wanted): string {
  const subject = way === 'release' ? `deploy ${version}` : `roll back to ${version}`;
  const images = imageNames.map((name) =>
    referenceOf({ repository: deployed[name].repository, version, digest: digests[name] }),
  );
  return [`chore(release): ${subject}`, '', ...images].join('\n');
}

/** Whoever rolls back by hand is called as they are elsewhere. */
async function author(git: Git): Promise<string[]> {
  const known = await git('config', 'user.email').catch(() => '');
  if (known !== '') return [];
  return ['-c', 'user.name=Release', '-c', 'user.email=release@users.noreply.github.com'];
}
