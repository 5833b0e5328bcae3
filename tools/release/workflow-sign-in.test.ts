import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../project-root.js';
import { releaseWorkflow, signInHosts } from './workflow-sign-in.js';

test('signInHosts finds the one registry at which the release workflow signs in', async () => {
  expect(signInHosts(await readFile(join(projectRoot, releaseWorkflow), 'utf8'))).toHaveLength(1);
});

test('signInHosts names each host once, the default one included, and no expression', () => {
  expect(
    signInHosts(`
jobs:
  build:
    steps:
      - uses: docker/login-action@1
        with: { registry: ghcr.io }
      - uses: docker/login-action@1
  sign:
    steps:
      - uses: docker/login-action@1
        with: { registry: ghcr.io }
      - uses: docker/login-action@1
        with: { registry: '\${{ vars.HOST }}' }
      - run: docker login registry.test
  test:
    uses: ./.github/workflows/ci.yaml
`),
  ).toEqual(['ghcr.io', 'docker.io']);
});
