import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { manifests } from '../rendering/render.js';
import { infrastructure } from '../infrastructure/pieces.js';
import { startRealCluster, type RealCluster } from './real-cluster.js';
import { scriptNames } from './run-script.js';

let cluster: RealCluster;
beforeAll(async () => {
  cluster = await startRealCluster();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

/** The output of a step. */
const outputOf = (output: string, step: string): string =>
  output.split('==> ').find((part) => part.startsWith(`${step} `)) ?? '';

test('a dry run on an empty cluster accepts the first wave, defers the rest and changes nothing', async () => {
  const before = await cluster.objectNames();

  const { code, output } = await cluster.run('install-infrastructure', ['--dry-run']);

  expect(output).toContain('Nothing was changed.');
  expect(code).toBe(0);
  expect(outputOf(output, 'namespaces')).toContain('the API server accepts it');
  for (const name of ['kafka', 'mongodb']) expect(outputOf(output, name)).toContain('not tried');
  // The CRDs are accepted. The chart itself needs its namespace or the CRDs first.
  expect(outputOf(output, 'dapr')).toMatch(/show crds[^]*the API server accepts it/);
  expect(await cluster.objectNames()).toBe(before);
});

test("once the first wave is installed, Dapr's chart is accepted with our values", async () => {
  await cluster.controlPlane.kubectl(['apply', '--server-side', '-k', join(infrastructure, 'namespaces')]);
  await cluster.controlPlane.applyCrds(['dapr']);
  const before = await cluster.objectNames();

  const { code, output } = await cluster.run('install-infrastructure', ['--dry-run', '--only', 'dapr']);

  expect(code).toBe(0);
  expect(output.match(/the API server accepts it/g)).toHaveLength(2);
  expect(output).not.toContain('not tried');
  expect(await cluster.objectNames()).toBe(before);
});

test('an object that the API server refuses ends a dry run with its message', async () => {
  const copy = join(cluster.folder, 'copy');
  for (const part of ['scripts', 'infrastructure'])
    await cp(join(manifests, part), join(copy, part), { recursive: true });
  const file = join(copy, 'infrastructure/namespaces/namespaces.yaml');
  await writeFile(
    file,
    (await readFile(file, 'utf8')).replace('enforce: restricted', 'enforce: strictest of all'),
  );

  const { code, output } = await cluster.run('install-infrastructure', ['--dry-run'], join(copy, 'scripts'));

  expect(code).toBe(1);
  expect(output).toContain('strictest of all');
  expect(output).toContain('FAILED (exit code 1): namespaces');
  expect(output).not.toContain('Nothing was changed.');
});

test.each(scriptNames.filter((name) => name !== 'install-infrastructure'))(
  '%s changes nothing in an almost empty cluster without being asked to',
  async (name) => {
    const before = await cluster.objectNames();

    const { code, output } = await cluster.run(name, name === 'doctor' ? [] : ['--dry-run']);

    expect(output).not.toMatch(/syntax error|unknown flag|error parsing|unbound variable/i);
    expect(code).toBe(name === 'doctor' ? 1 : 0);
    expect(await cluster.objectNames()).toBe(before);
  },
);
