import { runProgram } from '../programs/run-program.js';

/** Runs git with these arguments and resolves to its output without the final line break. */
export type Git = (...args: string[]) => Promise<string>;

/** Returns a `Git` that runs in a folder. It never asks for input. */
export function gitIn(folder: string, env: NodeJS.ProcessEnv): Git {
  const quiet = { ...env, ...credentialFor(env), GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  return async (...args) => (await runProgram('git', args, { cwd: folder, env: quiet })).replace(/\n$/, '');
}

/** Makes git authenticate with RELEASE_TOKEN. The token stays in the environment: it is in no file and on no command line. */
export function credentialFor({ RELEASE_TOKEN: token = '' }: NodeJS.ProcessEnv): Record<string, string> {
  if (token === '') return {};
  const helper =
    '!f() { test "$1" = get && printf "username=x-access-token\\npassword=%s\\n" "$RELEASE_TOKEN"; }; f';
  return {
    GIT_CONFIG_COUNT: '2',
    // An empty value disables the other credential helpers of this machine.
    GIT_CONFIG_KEY_0: 'credential.helper',
    GIT_CONFIG_VALUE_0: '',
    GIT_CONFIG_KEY_1: 'credential.helper',
    GIT_CONFIG_VALUE_1: helper,
  };
}

/** The branch that releases come from, and that staging follows. */
export const main = { remote: 'origin', branch: 'main' } as const;

/** Where the server's tags are fetched to. Local tags may never have been pushed, or may differ, so they are ignored. */
const tags = 'refs/release/tags';

/** Fetches the branch that releases come from, and all tags. Resolves to the commit of the branch. */
export async function fetchMain(git: Git): Promise<string> {
  const { remote, branch } = main;
  const tracking = `refs/remotes/${remote}/${branch}`;
  const refs = [`+refs/heads/${branch}:${tracking}`, `+refs/tags/*:${tags}/*`];
  await git('fetch', '--quiet', '--no-tags', '--prune', remote, ...refs);
  return git('rev-parse', '--verify', `${tracking}^{commit}`);
}

/** The commit of a fetched tag, or undefined if there is no such tag. A branch of the same name is ignored. */
export async function commitOfTag(git: Git, tag: string): Promise<string | undefined> {
  return git('rev-parse', '--quiet', '--verify', `${tags}/${tag}^{commit}`).catch(() => undefined);
}

export async function isAncestor(git: Git, commit: string, descendant: string): Promise<boolean> {
  return git('merge-base', '--is-ancestor', commit, descendant).then(
    () => true,
    () => false,
  );
}
