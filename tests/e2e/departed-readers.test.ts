import { expect, test } from '@jest/globals';
import { appIds, purchaseApiPath, shopperKey } from '@unity-purchase/contracts';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { signIn } from '../system/shopper-client.js';
import { startTestSystem } from '../system/test-system.js';

/** One in some hundred leaves at the worst moment. */
const departures = 5_000;
const atOnce = 10;

/** A call takes a few milliseconds, and looks a sidecar up in the first of them. */
const leavesWithinMs = 2.5;

/** Longer than a registration lasts that cannot be renewed. */
const watchedMs = 6_000;

/** Calls an address on this machine and leaves. `number` decides how soon. */
async function callAndLeave(port: number, path: string, number: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.once('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`));
  const closed = once(socket, 'close');
  await Promise.race([once(socket, 'connect'), closed]);
  const endMs = performance.now() + (number % 100) * (leavesWithinMs / 100);
  // A timer would wait for at least a millisecond.
  while (performance.now() < endMs) await nextTurn();
  socket.destroy();
  await closed;
}

test('callers that leave while a sidecar or a purchase is looked up take no lock with them: everyone else reads, and reads the present', async () => {
  await using shop = await startTestSystem();
  const ada = await signIn(shop.storefront);
  await ada.buy({ sku: 'mug' });
  await ada.waitForRecords(1);

  const { daprHttp } = shop.system.ports(appIds.storefront);
  const path = `/v1.0/invoke/${appIds.purchaseService}/method${purchaseApiPath}/${shopperKey(ada.id)}`;
  let number = 0;
  const leaveRepeatedly = async (): Promise<void> => {
    while (number < departures) {
      number += 1;
      await callAndLeave(daprHttp, path, number);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, leaveRepeatedly));

  const endMs = performance.now() + watchedMs;
  for (let count = 2; performance.now() < endMs; count += 1) {
    await ada.buy({ sku: 'mug' });
    await ada.waitForRecords(count);
    // Each of the sidecar's connections to the store answers some of these.
    const counts = await Promise.all(
      Array.from({ length: atOnce }, async () => (await ada.history('?limit=1')).totals.count),
    );
    expect(new Set(counts)).toEqual(new Set([count]));
  }
}, 120_000);
