/** The promises tested in every run, on every pair of a broker and a store, in test order. */
export const promises = {
  early: 'Purchases accepted before the purchase-service first runs are recorded',
  'create-once': 'One of 32 concurrent creates of a key wins; stored values come back unchanged',
  'exactly-once': 'A purchase sent three times under one id to two replicas is recorded once',
  order: "A shopper's purchases are recorded in the order of acceptance",
  retried: 'A purchase whose recording fails is redelivered and recorded',
  poison: 'An event that cannot be recorded becomes a dead letter and does not block others',
  'service-killed': 'When the purchase-service is killed, every accepted purchase is recorded once',
  'sidecar-killed': 'When its sidecar is killed, every accepted purchase is recorded once',
  'broker-killed': 'When the broker is killed, every accepted purchase is recorded once',
  'store-killed': 'When the store is killed, every accepted purchase is recorded once',
  backlog: 'Purchases accepted while the consumer is down are recorded when it is back',
  'byte-for-byte': '10,000 purchases of shoppers with hostile names are read back byte for byte',
  inside: 'Broker and store hold every accepted purchase, and the backlog is empty',
} as const;

/** The promises tested only with `--long`: they take about five minutes for each pair, and are not in the documentation. */
export const longPromises = {
  malformed: 'No malformed event ends a sidecar, prevents its next start, or blocks others',
  refused: 'A purchase that the broker refuses is not accepted',
  'broker-away':
    'After minutes without the broker, purchases are accepted and recorded within 30 s; histories stay readable',
} as const;

export const everyPromise = { ...promises, ...longPromises };

export type PromiseId = keyof typeof everyPromise;

export const promiseIds = Object.keys(promises) as (keyof typeof promises)[];

export const everyPromiseId = Object.keys(everyPromise) as PromiseId[];

/** A broker and a store, by the names of their folders under components/. */
export type Pair = { broker: string; store: string };

/** `kafka+mongodb` */
export function pairName({ broker, store }: Pair): string {
  return `${broker}+${store}`;
}

/** Parses `BROKER+STORE`. @throws Error for any other text */
export function parsePair(text: string): Pair {
  const [broker, store, ...rest] = text.split('+');
  if (!broker || !store || rest.length > 0) throw new Error(`"${text}" is not a pair; write BROKER+STORE`);
  return { broker, store };
}

/** Promises that a broker cannot keep, with the reason. They are tested all the same, and the result is reported. */
const exceptions: Readonly<Record<string, Partial<Record<PromiseId, string>>>> = {
  rabbitmq: {
    refused:
      'An official sidecar reports refused publications as done, so npm start and the doctor of a cluster refuse RabbitMQ with one (ALLOW_LOST_PURCHASES). The sidecar that is built here is fixed',
    'broker-killed':
      'A missing publisher confirm counts as a confirm: purchases in flight may be accepted and lost',
  },
  redis: {
    order: 'Ten workers process events concurrently',
  },
  mqtt: {
    early: 'As when the sidecar is killed: waiting events are sent before the sidecar subscribes',
    'exactly-once': 'Replicas share a client id and disconnect each other',
    order: 'Events are processed concurrently',
    'service-killed':
      'Kept for the eight minutes that retries wait (dapr.yaml). After that the paused sidecar drops events, and the broker keeps them until it reconnects',
    'sidecar-killed':
      'The sidecar connects before it subscribes and drops what the broker sends at once. The broker keeps those events until it reconnects',
    'store-killed': 'As when the sidecar is killed, because SQLite is embedded in it',
    'broker-away':
      'The client doubles its pause before it reconnects, up to ten minutes. A restart of the sidecar would strand events, as when it is killed',
    'broker-killed': 'Mosquitto acknowledges before it saves: the last event before the kill may be lost',
    backlog: 'As when the sidecar is killed: waiting events are sent before the sidecar subscribes',
  },
};

/** Why this pair cannot keep the promise, or undefined if it can. */
export function whyNotPromised({ broker }: Pair, promise: PromiseId): string | undefined {
  return exceptions[broker]?.[promise];
}
