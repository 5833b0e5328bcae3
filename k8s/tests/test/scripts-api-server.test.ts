import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startControlPlane, type ControlPlane } from '../src/control-plane/control-plane.js';
import { manifests } from '../src/render.js';
import { infrastructure, readPieces } from '../src/scripts/pieces.js';
import { placeRealPrograms } from '../src/scripts/real-programs.js';
import { runScript, scriptNames, type ScriptEnd, type ScriptName } from '../src/scripts/run-script.js';

let controlPlane: ControlPlane;
let folder: string;
let path: string;

const pieces = await readPieces();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unity-purchase-scripts-'));
  const daprVersion = pieces.find(({ name }) => name === 'dapr')?.version ?? '';
  path = await placeRealPrograms(folder, { daprVersion });
  controlPlane = await startControlPlane();
});
afterAll(async () => {
  await controlPlane[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const run = (name: ScriptName, args: readonly string[], scripts?: string): Promise<ScriptEnd> =>
  runScript(name, args, {
    path,
    env: { KUBECONFIG: controlPlane.kubeconfig },
    ...(scripts !== undefined && { folder: scripts }),
  });

/** What there is in the cluster, of all that these scripts could bring or take. */
const everything = async (): Promise<string> =>
  controlPlane.kubectl([
    'get',
    'namespaces,customresourcedefinitions,deployments,secrets,configmaps,clusterroles,mutatingwebhookconfigurations',
    '--all-namespaces',
    '--output=name',
  ]);

/** What a script says of a step. */
const saidOf = (output: string, step: string): string =>
  output.split('==> ').find((part) => part.startsWith(`${step} `)) ?? '';

test('an empty cluster takes what is first, the rest waits for it, and nothing is changed', async () => {
  const before = await everything();

  const { code, output } = await run('install-infrastructure', ['--dry-run']);

  expect(output).toContain('Nothing was changed.');
  expect(code).toBe(0);
  expect(saidOf(output, 'namespaces')).toContain('the API server takes it');
  for (const name of ['kafka', 'mongodb']) expect(saidOf(output, name)).toContain('not tried');
  // The definitions are taken, the chart itself waits for its namespace or for them.
  expect(saidOf(output, 'dapr')).toMatch(/show crds[^]*the API server takes it/);
  expect(await everything()).toBe(before);
});

test('once what is first is there, the chart of Dapr is taken with our values', async () => {
  await controlPlane.kubectl(['apply', '--server-side', '-k', join(infrastructure, 'namespaces')]);
  await controlPlane.applyCrds(['dapr']);
  const before = await everything();

  const { code, output } = await run('install-infrastructure', ['--dry-run', '--only', 'dapr']);

  expect(code).toBe(0);
  expect(output.match(/the API server takes it/g)).toHaveLength(2);
  expect(output).not.toContain('not tried');
  expect(await everything()).toBe(before);
});

test('what the API server refuses ends a dry run with what it says', async () => {
  const copy = join(folder, 'copy');
  for (const part of ['scripts', 'infrastructure'])
    await cp(join(manifests, part), join(copy, part), { recursive: true });
  const file = join(copy, 'infrastructure/namespaces/namespaces.yaml');
  await writeFile(
    file,
    (await readFile(file, 'utf8')).replace('enforce: restricted', 'enforce: strictest of all'),
  );

  const { code, output } = await run('install-infrastructure', ['--dry-run'], join(copy, 'scripts'));

  expect(code).toBe(1);
  expect(output).toContain('strictest of all');
  expect(output).toContain('FAILED (exit code 1): namespaces');
  expect(output).not.toContain('Nothing was changed.');
});

test.each(scriptNames.filter((name) => name !== 'install-infrastructure'))(
  '%s changes nothing in a cluster where little is, when it is not told to',
  async (name) => {
    const before = await everything();

    const { code, output } = await run(name, name === 'doctor' ? [] : ['--dry-run']);

    expect(output).not.toMatch(/syntax error|unknown flag|error parsing|unbound variable/i);
    expect(code).toBe(name === 'doctor' ? 1 : 0);
    expect(await everything()).toBe(before);
  },
);
