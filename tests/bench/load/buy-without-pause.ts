import autocannon, { type Client, type Result } from 'autocannon';
import { order, type Shopper } from './shoppers.js';

/** The result: the latency of each acceptance and the total duration. */
export type Accepted = { latenciesMs: number[]; seconds: number };

/**
 * Buys with a number of clients for a number of seconds. Each client sends its next order when the last one is answered,
 * for every shopper in turn. Rejects on any answer but 202.
 */
export async function buyWithoutPause(options: {
  storefront: string;
  shoppers: readonly Shopper[];
  clients: number;
  seconds: number;
}): Promise<Accepted> {
  const { storefront, shoppers, clients, seconds } = options;
  const requests = shoppers.map(({ cookie }) => ({
    headers: { cookie, 'content-type': 'application/json' },
  }));
  let client = 0;
  const startMs = performance.now();
  let endMs = startMs;
  const latenciesMs: number[] = [];
  const setupClient = (each: Client): void => {
    // Each client starts with another shopper; otherwise all would buy for the same one at once.
    const first = Math.floor((client * requests.length) / clients);
    each.setRequests([...requests.slice(first), ...requests.slice(0, first)]);
    client += 1;
  };
  const {
    errors,
    timeouts,
    statusCodeStats = {},
  } = await new Promise<Result>((resolve, reject) => {
    const running = autocannon(
      {
        url: `${storefront}/api/purchases`,
        method: 'POST',
        body: order,
        connections: clients,
        duration: seconds,
        requests,
        setupClient,
      },
      (error: Error | null, result) => {
        if (error === null) resolve(result);
        else reject(error);
      },
    );
    // Its summary has only whole milliseconds.
    running.on('response', (_client, status, _bytes, latencyMs) => {
      if (status !== 202) return;
      endMs = performance.now();
      latenciesMs.push(latencyMs);
    });
  });
  const others = Object.keys(statusCodeStats).filter((status) => status !== '202');
  if (errors + timeouts > 0 || others.length > 0 || latenciesMs.length === 0)
    throw new Error(
      `not every purchase was accepted: ${errors} errors, ${timeouts} timeouts, answers ${others.join(', ')}`,
    );
  return { latenciesMs, seconds: (endMs - startMs) / 1_000 };
}
