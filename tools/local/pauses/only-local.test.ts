import { expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { localRunnerEndpoint } from '@unity-purchase/contracts';
import { projectRoot } from '../../project-root.js';

/** Everything that a cluster, an image or another runner starts the services with. */
const deployed = ['k8s', 'components', 'dapr.yaml', 'compose.yaml', 'Dockerfile', 'tools/images', '.github'];

test('nothing that is deployed mentions the local runner', async () => {
  const { stdout } = await promisify(execFile)('git', ['ls-files', '-z', '--', ...deployed], {
    cwd: projectRoot,
  });
  const files = stdout.split('\0').filter((file) => file !== '');
  expect(files.length).toBeGreaterThan(100);
  const mentions = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(projectRoot, file), 'utf8');
      return ['LOCAL_RUNNER', localRunnerEndpoint, 'HTTPEndpoint'].some((name) => text.includes(name));
    }),
  );
  expect(files.filter((_, index) => mentions[index])).toEqual([]);
});
