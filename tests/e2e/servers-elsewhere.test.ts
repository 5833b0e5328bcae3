import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { appIds } from '@unity-purchase/contracts';
import { findFreePorts, createCleanup, projectRoot, startSystem } from '@unity-purchase/tools';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem } from '../system/test-system.js';

/** Started here unless the environment names them; the CI workflow provides real MongoDB and Kafka in containers. */
const variables = ['KAFKA_BROKERS', 'MONGODB_URI'] as const;

test('uses the Kafka and MongoDB named in the environment and starts none of its own', async () => {
  await using cleanup = createCleanup();
  const given = variables.map((name) => process.env[name]);
  if (given.some((value) => (value ?? '') === '')) {
    const others = cleanup.add(await startTestSystem({ broker: 'kafka', store: 'mongodb', apps: [] }));
    process.env['KAFKA_BROKERS'] = others.addressOf('kafka');
    process.env['MONGODB_URI'] = `mongodb://${others.addressOf('mongodb')}/?directConnection=true`;
    cleanup.add({
      [Symbol.asyncDispose]: () => {
        for (const name of variables) Reflect.deleteProperty(process.env, name);
        return Promise.resolve();
      },
    });
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'unity-purchase-'));
  const ports = await findFreePorts(8);
  const [storefront = 0, purchaseService = 0] = ports;
  const system = await startSystem({
    root: projectRoot,
    broker: 'kafka',
    store: 'mongodb',
    dataDir,
    ports: {
      apps: {
        [appIds.storefront]: portsFrom(storefront, ports.slice(2, 5)),
        [appIds.purchaseService]: portsFrom(purchaseService, ports.slice(5)),
      },
    },
  });
  cleanup.add({
    [Symbol.asyncDispose]: async () => {
      await system.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  });

  expect(system.names()).not.toContain('kafka');
  expect(system.names()).not.toContain('mongodb');
  const ada = await signIn(`http://127.0.0.1:${storefront}`);
  await ada.buy({ sku: 'teapot', quantity: 2 });
  await ada.waitForRecords(1);
  expect((await ada.history()).totals).toEqual({ count: 1, sums: { EUR: 8400 } });
}, 240_000);

function portsFrom(app: number, [daprHttp = 0, daprGrpc = 0, metrics = 0]: readonly number[]) {
  return { app, daprHttp, daprGrpc, metrics };
}
