import { expect, test } from '@jest/globals';
import { errorText } from '../programs/error-text.js';
import { runProgram } from '../programs/run-program.js';
import { credentialFor } from './git.js';

const answerOf = (env: NodeJS.ProcessEnv) =>
  runProgram('git', ['credential', 'fill'], {
    env: { PATH: process.env['PATH'], GIT_TERMINAL_PROMPT: '0', ...env, ...credentialFor(env) },
    input: 'protocol=https\nhost=github.com\n\n',
  });

test('git proves who asks with the token of the environment, whatever is in it', async () => {
  const token = 'a"b $HOME `id` \\nc';
  expect(await answerOf({ RELEASE_TOKEN: token })).toContain(`username=x-access-token\npassword=${token}\n`);
});

test('git asks nobody for a password where there is no token', async () => {
  expect(await answerOf({}).catch(errorText)).toContain('terminal prompts disabled');
});
