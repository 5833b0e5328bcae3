import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitIn, type Git } from './git.js';

/**
 * Calls `use` with a work tree of a commit, and git in it, so that the files and the branch of the checkout do not matter. Removes
 * the work tree afterwards.
 */
export async function withWorkTree<T>(
  { git, env }: { git: Git; env: NodeJS.ProcessEnv },
  commit: string,
  use: (folder: string, git: Git) => Promise<T>,
): Promise<T> {
  const parent = await mkdtemp(join(tmpdir(), 'unity-purchase-release-'));
  const folder = join(parent, 'main');
  await git('worktree', 'add', '--quiet', '--detach', folder, commit);
  try {
    return await use(folder, gitIn(folder, env));
  } finally {
    await git('worktree', 'remove', '--force', folder);
    await rm(parent, { recursive: true, force: true });
  }
}
