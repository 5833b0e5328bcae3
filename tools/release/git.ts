import { runProgram } from '../programs/run-program.js';

/** Runs git with these arguments and resolves to what it says, without the last line break. */
export type Git = (...args: string[]) => Promise<string>;

/** Git in a folder. It never waits for a person, and never takes a name for an option, because names come from outside. */
export function gitIn(folder: string, env: NodeJS.ProcessEnv): Git {
  const quiet = { ...env, ...credentialFor(env), GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  return async (...args) => (await runProgram('git', args, { cwd: folder, env: quiet })).replace(/\n$/, '');
}

/** The token to read and push with stays in the environment of one step: it is neither in a file nor on a command line. */
export function credentialFor({ RELEASE_TOKEN: token = '' }: NodeJS.ProcessEnv): Record<string, string> {
  if (token === '') return {};
  const helper =
    '!f() { test "$1" = get && printf "username=x-access-token\\npassword=%s\\n" "$RELEASE_TOKEN"; }; f';
  return {
    GIT_CONFIG_COUNT: '2',
    // Whatever else this machine would ask for a password is not asked.
    GIT_CONFIG_KEY_0: 'credential.helper',
    GIT_CONFIG_VALUE_0: '',
    GIT_CONFIG_KEY_1: 'credential.helper',
    GIT_CONFIG_VALUE_1: helper,
  };
}

/** Where releases come from and where the cluster looks. */
export const main = { remote: 'origin', branch: 'main' } as const;

/** The tags as the server has them: what somebody tagged here and never pushed, or tagged again, does not count. */
const tags = 'refs/release/tags';

/** Brings the newest state of the branch that the cluster follows, and all tags; resolves to its commit. */
export async function fetchMain(git: Git): Promise<string> {
  const { remote, branch } = main;
  const tracking = `refs/remotes/${remote}/${branch}`;
  const wanted = [`+refs/heads/${branch}:${tracking}`, `+refs/tags/*:${tags}/*`];
  await git('fetch', '--quiet', '--no-tags', '--prune', remote, ...wanted);
  return git('rev-parse', '--verify', `${tracking}^{commit}`);
}

/** The commit of a tag as it was fetched, or undefined where there is no such tag. Never one of a branch of the same name. */
export async function commitOfTag(git: Git, tag: string): Promise<string | undefined> {
  return git('rev-parse', '--quiet', '--verify', `${tags}/${tag}^{commit}`).catch(() => undefined);
}

export async function isAncestor(git: Git, commit: string, descendant: string): Promise<boolean> {
  return git('merge-base', '--is-ancestor', commit, descendant).then(
    () => true,
    () => false,
  );
}
