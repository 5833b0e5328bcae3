import { Agent, request } from 'node:http';

/** The interval at which due requests are sent. */
const tickMs = 20;

/** Limits the catch-up after a pause of this process, which would be a burst. */
const owedMax = 50;

/** Requests at a steady rate, to each address in turn. */
export type Shoppers = AsyncDisposable & {
  /** Requests per second, over all addresses. */
  rate: number;
};

/** Sends real requests to the current addresses, whether or not earlier ones were answered. */
export function createShoppers(addresses: () => readonly string[]): Shoppers {
  const agent = new Agent({ keepAlive: true });
  let owed = 0;
  let next = 0;
  let last = performance.now();
  const shoppers = {
    rate: 0,
    [Symbol.asyncDispose]: () => {
      clearInterval(timer);
      agent.destroy();
      return Promise.resolve();
    },
  };
  const timer = setInterval(() => {
    const now = performance.now();
    owed = Math.min(owed + (shoppers.rate * (now - last)) / 1_000, owedMax);
    last = now;
    const all = addresses();
    for (; owed >= 1; owed -= 1) {
      const address = all[next % all.length];
      next += 1;
      if (address !== undefined) send(address, agent);
    }
  }, tickMs);
  return shoppers;
}

function send(address: string, agent: Agent): void {
  const sent = request(address, { agent }, (response) => response.resume());
  // A pod may stop during a request.
  sent.on('error', () => undefined);
  sent.end();
}
