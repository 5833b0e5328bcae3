/** What every pair of a broker and a store is asked to keep, in the order in which it is tried. */
export const promises = {
  early: 'What was accepted before the purchase-service ever ran is recorded',
  'create-once': 'Of 32 who create one key at once, one wins; what was stored comes back as it was',
  'exactly-once': 'Bought three times under one id, with two replicas: recorded once',
  order: "A shopper's purchases are recorded in the order in which they were accepted",
  retried: 'A purchase whose recording fails is delivered again, and recorded',
  poison: 'An event that cannot be recorded goes to the dead letters, and others flow',
  'service-killed': 'The purchase-service is killed: every accepted purchase is recorded, once',
  'sidecar-killed': 'Its sidecar is killed: every accepted purchase is recorded, once',
  'broker-killed': 'The broker is killed: every accepted purchase is recorded, once',
  'store-killed': 'The store is killed: every accepted purchase is recorded, once',
  backlog: 'What was accepted while the consumer was away is recorded when it is back',
  'byte-for-byte': '10,000 purchases of shoppers with hostile names are read back byte for byte',
  inside: 'Broker and store hold what was accepted, and nothing waits any more',
} as const;

export type PromiseId = keyof typeof promises;

export const promiseIds = Object.keys(promises) as PromiseId[];

/** A broker and a store, by the names of their folders under components/. */
export type Pair = { broker: string; store: string };

/** `kafka+mongodb` */
export function pairName({ broker, store }: Pair): string {
  return `${broker}+${store}`;
}

/** The pair that a text names. Throws for a text that is none. */
export function parsePair(text: string): Pair {
  const [broker, store, ...rest] = text.split('+');
  if (!broker || !store || rest.length > 0) throw new Error(`"${text}" is no pair: BROKER+STORE`);
  return { broker, store };
}

/** Why a broker does not promise what the others do. It is tried all the same, and what was seen is told. */
const exceptions: Readonly<Record<string, Partial<Record<PromiseId, string>>>> = {
  rabbitmq: {
    'broker-killed':
      'A confirmation that never comes is taken for one that came: what was on its way may be accepted and lost',
  },
  redis: {
    order: 'Ten workers take events at once',
  },
  mqtt: {
    early: 'As when the sidecar is killed: what waited is sent before the sidecar listens',
    'exactly-once': 'Replicas have one client id and evict each other',
    order: 'Events are handled at once, each on its own',
    'service-killed':
      'For the eight minutes that the retries wait (dapr.yaml) it holds; what comes after that is dropped by the paused sidecar, and stays with the broker until it reconnects',
    'sidecar-killed':
      'The sidecar connects before it subscribes and drops what the broker sends at once: it stays with the broker until it reconnects',
    'store-killed': 'As when the sidecar is killed, which is what SQLite lives in',
    'broker-killed':
      'Mosquitto acknowledges first and saves then: the last event before the kill may be lost',
    backlog: 'As when the sidecar is killed: what waited is sent before the sidecar listens',
  },
};

/** Why this pair does not promise it, or undefined for one that does. */
export function whyNotPromised({ broker }: Pair, promise: PromiseId): string | undefined {
  return exceptions[broker]?.[promise];
}
