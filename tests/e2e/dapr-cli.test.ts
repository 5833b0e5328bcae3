import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { appIds } from '@unity-purchase/contracts';
import { obtainTool, projectRoot, readRunFile, servers, waitUntil } from '@unity-purchase/tools';
import { daprCliCommands, wordsOf } from '../documents/document-commands.js';
import { requireFree, run, runFilePorts, terminalEnv, waitUntilFree } from '../system/run-command.js';
import { signIn } from '../system/shopper-client.js';

/** Where nothing is on the machine yet, the CLI, the sidecar and both servers are built or fetched. */
const obtainTimeoutMs = 20 * 60_000;

const tools = { dapr: '', daprd: '' };

beforeAll(async () => {
  tools.dapr = await obtainTool('dapr');
  tools.daprd = await obtainTool('daprd');
  for (const { obtain } of [servers.kafka, servers.mongodb]) await obtain();
}, obtainTimeoutMs);

/** A folder that looks to the CLI as if `dapr init` had been there. */
async function daprRuntime() {
  const path = await mkdtemp(join(tmpdir(), 'dapr-runtime-'));
  const bin = join(path, '.dapr', 'bin');
  await mkdir(bin, { recursive: true });
  await symlink(tools.daprd, join(bin, 'daprd'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** Runs a command to its end and gives what it printed; a failure of the test if it fails. */
async function succeed(command: string): Promise<string> {
  const [program, ...args] = wordsOf(command);
  await using started = run(program, args);
  expect([command, await started.exited, started.output()]).toEqual([command, 0, expect.anything()]);
  return started.output();
}

/** Kafka and MongoDB as the project starts them; those that were there before are still there afterwards. */
async function infrastructure() {
  const output = await succeed(daprCliCommands.infra);
  const started = [servers.kafka, servers.mongodb].filter(({ title }) =>
    output.includes(`${title}: started`),
  );
  return {
    [Symbol.asyncDispose]: async () => {
      const names = started.map(({ name }) => name).join(' ');
      if (started.length > 0) await succeed(`npm run infra -- down ${names}`);
    },
  };
}

test('dapr run -f . sells and records on Kafka and MongoDB and stops completely on Ctrl-C', async () => {
  const ports = await runFilePorts();
  await requireFree(ports);
  await using runtime = await daprRuntime();
  await succeed('npm run setup');
  await using _infrastructure = await infrastructure();

  const env = { ...terminalEnv(), DAPR_RUNTIME_PATH: runtime.path };
  const [, ...args] = wordsOf(daprCliCommands.run);
  await using cli = run(tools.dapr, args, { env });
  const { apps } = await readRunFile(join(projectRoot, 'dapr.yaml'));
  const shop = `http://127.0.0.1:${apps.find(({ appId }) => appId === appIds.storefront)?.appPort ?? 0}`;
  await waitUntil(async () => {
    if (cli.child.exitCode !== null) throw new Error(`the CLI has ended: ${cli.output()}`);
    const status = await fetch(`${shop}/health/ready`).then(
      (answer) => answer.status,
      () => 'nothing',
    );
    // A sidecar writes into a file only, and the CLI goes on without it.
    const hint = `what the sidecars say is in .dapr/logs, and the CLI says: ${cli.output()}`;
    return status === 200 || `the shop's readiness is answered with ${status}; ${hint}`;
  }, 90_000);

  const ada = await signIn(shop);
  const { purchaseId, location } = await ada.buy({ sku: 'mug', quantity: 2 });
  await ada.waitForRecords(1);
  const [recorded] = await ada.wholeHistory();
  expect(recorded).toMatchObject({ purchaseId, shopper: { id: ada.id } });
  const status = await ada.request(location);
  expect(await status.json()).toMatchObject({ status: 'recorded' });

  cli.interrupt();
  expect(await cli.exited).toBe(0);
  await waitUntilFree(ports, 30_000);
}, 240_000);
