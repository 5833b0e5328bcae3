import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { appIds } from '@unity-purchase/contracts';
import { brokers, obtainTool, projectRoot, readRunFile, stores, waitUntil } from '@unity-purchase/tools';
import { daprCliCommands, wordsOf } from '../documents/document-commands.js';
import { requireFree, run, runFilePorts, terminalEnv, waitUntilFree } from '../system/run-command.js';
import { signIn } from '../system/shopper-client.js';

/** Long enough to build or download the CLI, the sidecar and both servers on a fresh machine. */
const obtainTimeoutMs = 20 * 60_000;

const tools = { dapr: '', daprd: '' };

beforeAll(async () => {
  tools.dapr = await obtainTool('dapr');
  tools.daprd = await obtainTool('daprd');
  for (const { obtain } of [brokers.kafka.server, stores.mongodb.server]) await obtain();
}, obtainTimeoutMs);

/** A folder that looks to the CLI like the result of `dapr init`. */
async function daprRuntime() {
  const path = await mkdtemp(join(tmpdir(), 'dapr-runtime-'));
  const bin = join(path, '.dapr', 'bin');
  await mkdir(bin, { recursive: true });
  await symlink(tools.daprd, join(bin, 'daprd'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** Runs a command that must succeed and returns its output. */
async function succeed(command: string): Promise<string> {
  const [program, ...args] = wordsOf(command);
  await using started = run(program, args);
  expect([command, await started.exited, started.output()]).toEqual([command, 0, expect.anything()]);
  return started.output();
}

/** Starts Kafka and MongoDB with the project's command. Servers that already ran keep running afterwards. */
async function infrastructure() {
  const output = await succeed(daprCliCommands.infra);
  const started = [brokers.kafka.server, stores.mongodb.server].filter(({ title }) =>
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
    // A sidecar logs only to a file, and the CLI continues without it.
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
