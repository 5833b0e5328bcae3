import type { Side, Worker } from '../results.js';

/** How many requests a storefront lets in: it is told so. */
export const requestsMax = 256;

/** What opens the operators' pages, and what it takes besides. */
export const operatorAccess = {
  OPERATOR_TOKEN: 'of-those-who-measure-pages',
  APP_API_TOKEN: 'of-the-sidecar-that-is-measured',
};

/** Clients that send the next order when the last one is answered are what the shop protects itself from; on both sides. */
export const withoutPause = {
  RATE_LIMIT_PER_MINUTE: '1000000',
  REQUESTS_IN_FLIGHT_MAX: String(requestsMax),
};

/** One way from the form to the record. Both sides share a broker and a store, and nothing else. */
export type Pipeline = {
  side: Side;
  /** The storefront's address; it runs all the time. */
  storefront: string;
  /** Where its purchases go, and the consumer group that records them. */
  topic: string;
  group: string;
  /** What records; it runs only when it is started. */
  recorder: {
    /** Resolves when it is ready; what waits in the topic may come a little later. */
    start: () => Promise<void>;
    stop: () => Promise<void>;
    /** How many purchases it has recorded since it was started. */
    recorded: () => Promise<number>;
    /** The purchases of shoppers as they are recorded. */
    read: (shopperIds: readonly string[]) => Promise<RecordedAge[]>;
  };
  /** The processes that do the work of this side and run now. */
  processes: () => readonly { worker: Worker; pid: number }[];
};

/** When a purchase was placed, and how long it took until its record was written. */
export type RecordedAge = { placedAtMs: number; ageMs: number };

/** An address of this machine that answers in Prometheus' text: the value of a metric without labels. */
export async function readMetric(url: string, name: string): Promise<number> {
  const text = await (await fetch(url)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}
