import { Agent, request } from 'node:http';

/** How often requests are sent that are due. */
const tickMs = 20;

/** After a pause of this process, what was missed is not made up for: that would be a burst. */
const owedAtMost = 50;

/** Requests at a steady rate, each to the next of the addresses. */
export type Shoppers = AsyncDisposable & {
  /** Requests per second, over all addresses. */
  rate: number;
};

/** Sends real requests to whoever listens at the moment; an answer, or none, changes nothing for the next. */
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
    owed = Math.min(owed + (shoppers.rate * (now - last)) / 1_000, owedAtMost);
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
  // A pod may go while it is asked.
  sent.on('error', () => undefined);
  sent.end();
}
