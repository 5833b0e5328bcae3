import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  type ContainerPair,
  openPodman,
  type Podman,
  projectRoot,
  startContainerPair,
  waitUntil,
} from '@unity-purchase/tools';
import { v7 } from 'uuid';
import { imageServices, readBuiltImages } from './built-images.js';
import { storeFigures } from './figures.js';
import { secretsIn } from '../system/secrets.js';
import { signIn, type ShopperClient } from '../system/shopper-client.js';

const built = await readBuiltImages();

const startedWithinMs = 300_000;

/** The grace period in the Deployments. Then the process ends itself with a code other than 0. */
const stoppedWithinMs = 25_000;

/** The number of concurrent shoppers, and of purchases that are accepted before a service stops. */
const buyersAtOnce = 4;
const acceptedBefore = 8;

/** Long enough after the start that the service is idle. */
const idleAfterMs = 5_000;

let podman: Podman;
let pair: ContainerPair;
let ada: ShopperClient;

beforeAll(async () => {
  podman = await openPodman();
  pair = await startContainerPair(podman, {
    root: projectRoot,
    images: {
      storefront: built.images.storefront.reference,
      'purchase-service': built.images['purchase-service'].reference,
    },
    bareImage: built.bareImage,
    // There is no OpenID provider, and tests send requests without pauses.
    env: {
      storefront: {
        DEMO_SIGN_IN: 'true',
        RATE_LIMIT_PER_MINUTE: '1000000',
        REQUESTS_PER_CLIENT_MAX: '100000',
      },
    },
  });
}, startedWithinMs);

afterAll(async () => {
  await pair[Symbol.asyncDispose]();
}, startedWithinMs);

describe('the pair of images, run as a cluster runs it', () => {
  test('takes an order and shows its receipt', async () => {
    ada = await signIn(pair.storefront.url);
    const { purchaseId } = await ada.buy({ sku: 'mug' });
    await ada.waitForRecords(1);
    const receipt = await ada.request(`/purchases/${purchaseId}`);
    expect([receipt.status, await receipt.text()]).toEqual([200, expect.stringContaining(purchaseId)]);
  }, 120_000);

  test.each(imageServices)(
    'runs %s as the first process, without capabilities, on a read-only file system',
    async (service) => {
      const { residentBytes, user, group, ...process } = await pair[service].service.process();
      expect(process).toEqual({
        program: '/usr/local/bin/node',
        pid: 1,
        capabilities: Array(3).fill('0000000000000000').join(' '),
        mayGainPrivileges: false,
        rootIsReadOnly: true,
      });
      expect([user, group]).toEqual([65_532, 65_532]);
      expect(residentBytes).toBeGreaterThan(0);
    },
  );

  test('uses less than half of its memory limit when idle', async () => {
    const until = performance.now() + idleAfterMs;
    await waitUntil(() => performance.now() > until || 'the service is not idle yet', 2 * idleAfterMs);
    for (const service of imageServices) {
      const { readyAfterMs, service: own, sidecar } = pair[service];
      const [ownProcess, sidecarProcess] = await Promise.all([own.process(), sidecar.process()]);
      await storeFigures(service, {
        readyAfterMs,
        residentBytes: ownProcess.residentBytes,
        sidecarResidentBytes: sidecarProcess.residentBytes,
      });
      // Half of the Deployment's limit.
      expect(ownProcess.residentBytes).toBeLessThan(256 * 2 ** 20);
    }
  }, 60_000);

  test.each(imageServices)(
    'loses no purchase when %s is stopped while shoppers place orders, and shuts down cleanly',
    async (service) => {
      const { service: stopped, ready } = pair[service];
      const accepted = new Set<string>();
      const buying = new AbortController();
      const before = (await ada.wholeHistory()).length;
      const buyers = Array.from({ length: buyersAtOnce }, () => buyUntil(buying.signal, accepted));
      await waitUntil(
        () => accepted.size >= acceptedBefore || `${accepted.size} of ${acceptedBefore} were accepted`,
        60_000,
      );
      const stoppedAt = performance.now();
      await stopped.signal('SIGTERM');
      const code = await stopped.ended(stoppedWithinMs);
      await storeFigures(service, { stoppedAfterMs: performance.now() - stoppedAt });
      buying.abort();
      await Promise.all(buyers);

      expect([code, (await stopped.logs()).includes('"msg":"stopped"')]).toEqual([0, true]);
      await stopped.startAgain();
      await ready();
      await ada.waitForRecords(before + accepted.size);
      const recorded = (await ada.wholeHistory()).map(({ purchaseId }) => purchaseId);
      expect(recorded).toEqual([...new Set(recorded)]);
      expect([...accepted].filter((id) => !recorded.includes(id))).toEqual([]);
    },
    180_000,
  );

  test('logs no secrets', async () => {
    const logs = await Promise.all(
      imageServices.flatMap((service) => [pair[service].service.logs(), pair[service].sidecar.logs()]),
    );
    expect(logs.join('')).toContain('"msg":"ready"');
    expect(secretsIn(logs.join(''))).toEqual([]);
  });
});

/** Places orders one after the other and collects the accepted ones. An unavailable service is not an error here. */
async function buyUntil(signal: AbortSignal, accepted: Set<string>): Promise<void> {
  while (!signal.aborted) {
    const purchaseId = v7();
    const answer = await ada.tryToBuy({ sku: 'mug' }, purchaseId).catch(() => undefined);
    if (answer?.status === 202) accepted.add(purchaseId);
    else if (answer === undefined) return;
  }
}
