import { setTimeout as wait } from 'node:timers/promises';
import { requireSuccess } from './answer-errors.js';
import { DaprError } from './dapr-error.js';
import { createInvoke, type Invoke } from './invoke.js';
import { createPublish, type Publish } from './publish.js';
import { currentLane, laneLimits, readsMaxDefault, type Lane } from './lanes.js';
import { createReadSecret, type ReadSecret } from './secret-reader.js';
import { createSidecarClient, type SidecarCall } from './sidecar-client.js';
import { createStateStore, type StateStore } from './state.js';

/**
 * The gateway to the service's sidecar. It uses the sidecar's HTTP API directly: the SDK takes twice the processor time per
 * call, and its HTTP `publish`, `save` and `delete` resolve when they fail.
 */
export type DaprGateway = {
  publish: Publish;
  invoke: Invoke;
  stateStore: (component: string) => StateStore;
  readSecret: ReadSecret;
  /** Resolves if the sidecar answers and has loaded its components. @throws DaprError */
  check: () => Promise<void>;
  /**
   * Resolves once the sidecar answers and has loaded its components. The SDK's own wait ends after thirty seconds, but a
   * component may need a minute to reach its broker. @throws DaprError if that takes longer than the timeout
   */
  waitUntilUp: (timeoutMs: number) => Promise<void>;
  /** Ends the sidecar, after its own calls in flight. Its supervisor starts it again. @throws DaprError */
  endSidecar: () => Promise<void>;
  /** Lets calls in flight finish, then closes the connections. */
  close: () => Promise<void>;
};

const checkDeadlineMs = 1000;

/** A sidecar starts in about 200 ms. */
const checkIntervalMs = 50;

/**
 * Connects to the sidecar on this host. Connections are opened by the first call. `readsMax` limits the calls in the lane `reads`:
 * see `laneLimits`.
 */
export function createDaprGateway(
  port: number,
  apiToken: string | undefined,
  readsMax = readsMaxDefault,
): DaprGateway {
  const limits = laneLimits(readsMax);
  const open = (lane: Lane) => createSidecarClient(port, apiToken, limits[lane]);
  const lanes = {
    buying: open('buying'),
    reads: open('reads'),
    live: open('live'),
    exports: open('exports'),
    health: open('health'),
  };
  /** A client that makes each call in the lane of the work that it is for. */
  const inCurrentLane = (unlessSet: Lane) => ({
    request: (call: SidecarCall) => lanes[currentLane() ?? unlessSet].request(call),
  });
  const check = async () => {
    // The outbound check: the other one waits for this app to be ready.
    const answer = await lanes.health.request({
      method: 'GET',
      path: '/v1.0/healthz/outbound',
      deadlineMs: checkDeadlineMs,
    });
    requireSuccess(answer, 'a health check');
  };
  return {
    publish: createPublish(lanes.buying),
    invoke: createInvoke(inCurrentLane('reads')),
    stateStore: (component) =>
      createStateStore({ creates: lanes.buying, others: inCurrentLane('buying') }, component),
    readSecret: createReadSecret(lanes.reads),
    check,
    endSidecar: async () => {
      const answer = await lanes.health.request({
        method: 'POST',
        path: '/v1.0/shutdown',
        deadlineMs: checkDeadlineMs,
      });
      requireSuccess(answer, 'the end of the sidecar');
    },
    waitUntilUp: async (timeoutMs) => {
      const endMs = performance.now() + timeoutMs;
      for (;;) {
        try {
          await check();
          return;
        } catch (cause) {
          if (performance.now() > endMs)
            throw new DaprError('not-sent', `no sidecar was ready on port ${port} within ${timeoutMs} ms`, {
              cause,
            });
        }
        await wait(checkIntervalMs);
      }
    },
    close: async () => {
      await Promise.all(Object.values(lanes).map((lane) => lane.close()));
    },
  };
}
