import { errorText } from '../programs/error-text.js';
import { fetchMain, isAncestor, main, type Git } from './git.js';
import { installationFile, readInstallation } from './installation.js';
import { imageNames, imagesAt, referenceOf } from './deployed-images.js';
import { overlays, requireRendered } from './rendered-images.js';
import { author } from './rollout.js';
import { withWorkTree } from './work-tree.js';

export type Promotion = {
  git: Git;
  env: NodeJS.ProcessEnv;
  /** A commit of `main`; the newest if it is empty. */
  revision: string;
  print: (line: string) => void;
};

/**
 * Puts a commit of `main` on the branch that production follows, with everything in it: images, manifests and the versions of
 * the infrastructure. That is one new commit with exactly those files, also when the commit is older than what production has.
 * Only `.github` is that of the newest `main`. Rejects without having changed anything if the commit is not on `main`, if its
 * images were never released, if production would not run exactly these images, or if the push fails.
 */
export async function promote({ git, env, revision, print }: Promotion): Promise<void> {
  const newest = await fetchMain(git);
  const source = revision === '' ? newest : await commitOf(git, revision);
  if (source === undefined || !(await isAncestor(git, source, newest)))
    throw new Error(
      `${revision} is not a commit of ${main.branch}. Production gets only what staging had: name a commit of ${main.branch}.`,
    );
  const { productionBranch: branch } = readInstallation(await git('show', `${newest}:${installationFile}`));
  if (branch === main.branch)
    throw new Error(
      `${installationFile} names ${branch} as PRODUCTION_BRANCH, so every merge would reach production. Name another branch.`,
    );
  const deployed = await imagesAt(git, source);
  const unreleased = imageNames.filter((name) => deployed[name].digest === undefined);
  if (unreleased.length > 0)
    throw new Error(
      `${unreleased.join(' and ')} ${deployed.storefront.version} was never released, so production would wait for images that do ` +
        'not exist. Release a version first (docs/release.md).',
    );
  const before = await fetchBranch(git, branch);
  const tree = await withWorkTree({ git, env }, source, async (folder, inFolder) => {
    await requireRendered(folder, overlays.production, deployed);
    await takeWorkflows(inFolder, newest);
    return inFolder('write-tree');
  });
  if (before !== undefined && (await treeOf(git, before)) === tree) {
    print(`${branch} has the files of ${source} already. Nothing to do.`);
    return;
  }
  const images = imageNames.map((name) => referenceOf(deployed[name]));
  const parents = before === undefined ? [source] : [before, source];
  const commit = await git(
    ...(await author(git)),
    'commit-tree',
    tree,
    ...parents.flatMap((parent) => ['-p', parent]),
    '-m',
    [`chore(release): promote ${deployed.storefront.version}`, '', `From ${source}.`, '', ...images].join(
      '\n',
    ),
  );
  const refused = await git('push', '--quiet', main.remote, `${commit}:refs/heads/${branch}`).then(
    () => undefined,
    errorText,
  );
  if (refused !== undefined)
    throw new Error(
      `Could not push to ${branch}, which is unchanged by this step (${refused}). If another promotion was first, run this step again. ` +
        'If the rules of the branch refuse it, use an identity that may bypass them: RELEASE_APP_CLIENT_ID in docs/release.md.',
    );
  print(`${branch} has the files of ${source} since commit ${commit}, and deploys:`);
  for (const image of images) print(`  ${image}`);
}

/**
 * Replaces `.github` in a work tree by that of a commit. GitHub refuses a push with workflows that no branch has, unless the token
 * may write workflows, which the token of a workflow never may. Production runs none of them.
 */
async function takeWorkflows(git: Git, commit: string): Promise<void> {
  const folder = '.github';
  await git('rm', '-r', '--quiet', '--ignore-unmatch', '--', folder);
  if ((await git('ls-tree', commit, '--', folder)) !== '')
    await git('checkout', '--quiet', commit, '--', folder);
}

async function commitOf(git: Git, revision: string): Promise<string | undefined> {
  return git('rev-parse', '--quiet', '--verify', '--end-of-options', `${revision}^{commit}`).catch(
    () => undefined,
  );
}

async function treeOf(git: Git, commit: string): Promise<string> {
  return git('rev-parse', '--verify', `${commit}^{tree}`);
}

/** Fetches a branch. Resolves to its commit, or to undefined if the server has no such branch. */
async function fetchBranch(git: Git, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  if ((await git('ls-remote', main.remote, ref)) === '') return undefined;
  const tracking = `refs/remotes/${main.remote}/${branch}`;
  await git('fetch', '--quiet', '--no-tags', main.remote, `+${ref}:${tracking}`);
  return git('rev-parse', '--verify', `${tracking}^{commit}`);
}
