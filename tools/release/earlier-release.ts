import { commitOfTag, fetchMain, isAncestor, main, type Git } from './git.js';
import type { Release } from './guard.js';
import {
  imageNames,
  imagesAt,
  imagesFile,
  type DeployedImages,
  type Digests,
  type ImageName,
} from './deployed-images.js';
import type { Repository } from './registry.js';
import { isReleaseVersion } from './release-version.js';

/** A version that was released before: its commit, and the digests of its images in the registry. */
export type EarlierRelease = { release: Pick<Release, 'version' | 'revision'>; digests: Digests };

/**
 * Finds an earlier release: its commit by its tag in git, and its digests in the registry. Rejects if the version was never
 * released, if the registry no longer has it, or if the registry has other digests than those that were deployed.
 */
export async function findEarlierRelease(
  git: Git,
  version: string,
  open: (repository: string) => Repository,
): Promise<EarlierRelease> {
  if (!isReleaseVersion(version))
    throw new Error(`${JSON.stringify(version)} is not a released version. Name a version such as 1.2.0.`);
  const newest = await fetchMain(git);
  const revision = await commitOfTag(git, `v${version}`);
  if (revision === undefined || !(await isAncestor(git, revision, newest)))
    throw new Error(
      `${version} was never released from ${main.branch}, which has no tag v${version}. Choose a released version.`,
    );
  const deployed = await imagesAt(git, newest);
  const previous = await deployedBefore(git, newest, version);
  const digestOf = async (name: ImageName): Promise<string> => {
    const image = await open(deployed[name].repository).manifest(version);
    if (image === undefined)
      throw new Error(
        `${deployed[name].repository} has no ${version} (any more). Choose a version that it has.`,
      );
    if (previous !== undefined && previous[name] !== image.digest)
      throw new Error(
        `${deployed[name].repository}:${version} is now ${image.digest}, but was ${previous[name]} when it was deployed: the tag ` +
          'was moved. Find out who moved it and why before you continue.',
      );
    return image.digest;
  };
  return {
    release: { version, revision },
    digests: {
      storefront: await digestOf('storefront'),
      'purchase-service': await digestOf('purchase-service'),
    },
  };
}

/** The digests a version was deployed with, from the history of the kustomization. Resolves to undefined if it never was. */
async function deployedBefore(git: Git, newest: string, version: string): Promise<Digests | undefined> {
  const commits = (await git('log', '--format=%H', newest, '--', imagesFile)).split('\n');
  for (const commit of commits) {
    // Old commits may have used another format.
    const images: DeployedImages | undefined = await imagesAt(git, commit).catch(() => undefined);
    if (images === undefined || imageNames.some((name) => images[name].version !== version)) continue;
    const [storefront, purchaseService] = imageNames.map((name) => images[name].digest);
    if (storefront !== undefined && purchaseService !== undefined)
      return { storefront, 'purchase-service': purchaseService };
  }
  return undefined;
}
