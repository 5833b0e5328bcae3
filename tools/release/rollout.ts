import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../programs/error-text.js';
import { fetchMain, main, type Git } from './git.js';
import {
  imageNames,
  imagesAt,
  imagesFile,
  referenceOf,
  withRelease,
  type DeployedImage,
  type DeployedImages,
  type Digests,
  type ImageName,
} from './deployed-images.js';
import { compareVersions } from './release-version.js';
import { overlays, requireRendered } from './rendered-images.js';
import { withWorkTree } from './work-tree.js';

/** What staging will run. Only a rollback may replace a version with an older one. */
export type RolloutTarget = { version: string; digests: Digests; kind: 'release' | 'rollback' };

/** How many times another push may arrive first. Each time one competing release finishes, so the limit is rarely reached. */
const attemptsMax = 20;

/**
 * Decides from what is deployed now whether anything changes. Throws if a release would go back to an older version, if a
 * rollback would not, and if the same version is deployed with other digests.
 */
export function decideRollout(
  deployed: DeployedImages,
  { version, digests, kind }: RolloutTarget,
): 'roll out' | 'already deployed' {
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
        'A released version never changes. Release a new version.',
    );
  const newer = images.find((image) => compareVersions(image.version, version) > 0);
  if (newer !== undefined && kind === 'release')
    throw new Error(
      `${newer.name} ${newer.version} is deployed, which is newer than ${version}. Nothing was changed. ` +
        `To go back to the older version: npm run release -- rollback --to ${version}`,
    );
  if (newer === undefined && kind === 'rollback')
    throw new Error(
      `${version} is not older than what is deployed (${images.map((image) => `${image.name} ${image.version}`).join(', ')}). ` +
        `Nothing was changed. To deploy the newer version: npm run release -- bump --tag v${version}`,
    );
  return 'roll out';
}

export type Rollout = {
  git: Git;
  env: NodeJS.ProcessEnv;
  target: RolloutTarget;
  print: (line: string) => void;
};

/**
 * Writes both images into one commit on `main`, which staging follows. If another push arrives first, the
 * decision is made again from the new state of `main`. Rejects without having changed anything if the target is refused or
 * the push fails.
 */
export async function rollOut(rollout: Rollout): Promise<void> {
  const { git, print, target } = rollout;
  let base = await fetchMain(git);
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const failure = await rollOutOnto(base, rollout);
    if (failure === undefined) return;
    const newest = await fetchMain(git);
    if (newest === base)
      throw new Error(
        `Could not push to ${main.branch}, which is unchanged (${failure}). ` +
          'Allow the push on the server, then run this step again. If the rules of the branch refuse the workflow, give it an ' +
          'identity that may bypass them: RELEASE_APP_CLIENT_ID in docs/release.md.',
      );
    print(`${main.branch} has changed in the meantime: deciding again about ${target.version}.`);
    base = newest;
  }
  throw new Error(
    `${main.branch} changed ${attemptsMax} times while ${target.version} was being pushed, and was not changed by this step. ` +
      'Run this step again.',
  );
}

/** Resolves to the reason the push failed, or to undefined if the target is deployed. */
async function rollOutOnto(base: string, { git, env, target, print }: Rollout): Promise<string | undefined> {
  const deployed = await imagesAt(git, base);
  if (decideRollout(deployed, target) === 'already deployed') {
    print(`${target.version} is already deployed. Nothing to do.`);
    return undefined;
  }
  const images = imagesOf(target, deployed);
  return withWorkTree({ git, env }, base, async (folder, inFolder) => {
    const file = join(folder, imagesFile);
    await writeFile(file, withRelease(await readFile(file, 'utf8'), target.version, target.digests));
    await requireRendered(folder, overlays.staging, images);
    await inFolder('add', '--', imagesFile);
    await inFolder(
      ...(await author(inFolder)),
      'commit',
      '--quiet',
      '--message',
      commitMessage(target, images),
    );
    const commit = await inFolder('rev-parse', 'HEAD');
    const { remote, branch } = main;
    const refused = await inFolder('push', '--quiet', remote, `HEAD:refs/heads/${branch}`).then(
      () => undefined,
      errorText,
    );
    if (refused === undefined) print(`${branch} deploys ${target.version} since commit ${commit}.`);
    return refused;
  });
}

/** The images of the target, in the repositories of those that are deployed. */
function imagesOf({ version, digests }: RolloutTarget, deployed: DeployedImages): DeployedImages {
  const image = (name: ImageName): DeployedImage => ({
    repository: deployed[name].repository,
    version,
    digest: digests[name],
  });
  return { storefront: image('storefront'), 'purchase-service': image('purchase-service') };
}

function commitMessage({ version, kind }: RolloutTarget, images: DeployedImages): string {
  const subject = kind === 'release' ? `deploy ${version}` : `roll back to ${version}`;
  return [`chore(release): ${subject}`, '', ...imageNames.map((name) => referenceOf(images[name]))].join(
    '\n',
  );
}

/** Git's options for the author of the commit: git's configured user if there is one. */
export async function author(git: Git): Promise<string[]> {
  const known = await git('config', 'user.email').catch(() => '');
  if (known !== '') return [];
  return ['-c', 'user.name=Release', '-c', 'user.email=release@users.noreply.github.com'];
}
