import { commitOfTag, fetchMain, isAncestor, main, type Git } from './git.js';
import type { Release } from './guard.js';
import { imageNames, overlayFile, readOverlay, type Digests, type ImageName } from './overlay.js';
import type { Repository } from './registry.js';
import { isReleaseVersion } from './release-version.js';

/** What was released earlier: its commit, and the digests that it has in the registry. */
export type EarlierRelease = { release: Pick<Release, 'version' | 'revision'>; digests: Digests };

/**
 * Finds an earlier release: its commit by its tag in git, its digests in the registry. Rejects for what was never released,
 * for what the registry has no longer, and for what it has under other digests than were deployed once.
 */
export async function findReleasedBefore(
  git: Git,
  version: string,
  open: (repository: string) => Repository,
): Promise<EarlierRelease> {
  if (!isReleaseVersion(version))
    throw new Error(`${JSON.stringify(version)} is not a released version. One looks like 1.2.0.`);
  const newest = await fetchMain(git);
  const revision = await commitOfTag(git, `v${version}`);
  if (revision === undefined || !(await isAncestor(git, revision, newest)))
    throw new Error(`${version} was never released from ${main.branch}: there is no tag v${version} on it.`);
  const deployed = readOverlay(await git('show', `${newest}:${overlayFile}`));
  const once = await deployedOnce(git, newest, version);
  const digestOf = async (name: ImageName): Promise<string> => {
    const image = await open(deployed[name].repository).manifest(version);
    if (image === undefined)
      throw new Error(
        `${deployed[name].repository} has no ${version} (any more): choose a version that is there.`,
      );
    if (once !== undefined && once[name] !== image.digest)
      throw new Error(
        `${deployed[name].repository}:${version} is ${image.digest} now and was ${once[name]} when it was deployed: somebody ` +
          'has moved the tag. Find out who before anything else.',
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

/** The digests by which a version was deployed, as the history of the overlay has them; undefined if it never was. */
async function deployedOnce(git: Git, newest: string, version: string): Promise<Digests | undefined> {
  const commits = (await git('log', '--format=%H', newest, '--', overlayFile)).split('\n');
  for (const commit of commits) {
    const images = readOverlayAt(await git('show', `${commit}:${overlayFile}`).catch(() => ''));
    if (images === undefined || imageNames.some((name) => images[name].version !== version)) continue;
    const [storefront, purchaseService] = imageNames.map((name) => images[name].digest);
    if (storefront !== undefined && purchaseService !== undefined)
      return { storefront, 'purchase-service': purchaseService };
  }
  return undefined;
}

/** What an overlay deployed; one of long ago may have been written in another way. */
function readOverlayAt(text: string): ReturnType<typeof readOverlay> | undefined {
  try {
    return readOverlay(text);
  } catch {
    return undefined;
  }
}
