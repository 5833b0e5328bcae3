import { expect, test } from '@jest/globals';
import { errorText } from '../programs/error-text.js';
import { runProgram } from '../programs/run-program.js';
import { credentialFor } from './git.js';

const fillCredential = (env: NodeJS.ProcessEnv) =>
  runProgram('git', ['credential', 'fill'], {
    env: { PATH: process.env['PATH'], GIT_TERMINAL_PROMPT: '0', ...env, ...credentialFor(env) },
    input: 'protocol=https\nhost=github.com\n\n',
  });

test('git authenticates with the token from the environment, whatever characters it contains', async () => {
  const token = 'a"b $HOME `id` \\nc';
  expect(await fillCredential({ RELEASE_TOKEN: token })).toContain(
    `username=x-access-token\npassword=${token}\n`,
  );
});

test('git does not prompt for a password when there is no token', async () => {
  expect(await fillCredential({}).catch(errorText)).toContain('terminal prompts disabled');
});
