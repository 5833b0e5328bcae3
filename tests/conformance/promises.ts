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

/** The promises tested only with `--long`: together they take about five minutes for each pair, and are not in the documentation. */
export const longPromises = {
  'any-key':
    'A purchase under any Idempotency-Key is recorded once, however often it is sent, and found by its id',
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

/** Why a promise cannot be kept: with any sidecar, or only with an official one, which lacks the fixes of the one built here. */
type Exception = { why: string; fixedInOurBuild?: boolean };

const strandedByMqtt: Exception = {
  why: 'The sidecar connects before it subscribes and drops what the broker sends at once. The broker keeps those events until it reconnects',
  fixedInOurBuild: true,
};

/** Promises that a broker cannot keep, with the reason. They are tested all the same, and the result is reported. */
/** Whatever the broker: see tests/e2e/absent-service.test.ts. */
const takenForAnswered: Exception = {
  why: 'While the service is stopped, the sidecar may take one of several overlapping deliveries for answered: its event is lost until a rebuild',
  fixedInOurBuild: true,
};

const exceptions: Readonly<Record<string, Partial<Record<PromiseId, Exception>>>> = {
  kafka: { 'service-killed': takenForAnswered },
  jetstream: { 'service-killed': takenForAnswered },
  rabbitmq: {
    'service-killed': takenForAnswered,
    refused: {
      why: 'It reports refused publications as done, so npm start and the doctor of a cluster refuse RabbitMQ with it (ALLOW_LOST_PURCHASES)',
      fixedInOurBuild: true,
    },
    'broker-killed': {
      why: 'A missing publisher confirm counts as a confirm: purchases in flight may be accepted and lost',
      fixedInOurBuild: true,
    },
  },
  redis: {
    'service-killed': takenForAnswered,
    order: { why: 'Ten workers process events concurrently' },
  },
  mqtt: {
    early: strandedByMqtt,
    'exactly-once': { why: 'Replicas share a client id and disconnect each other' },
    order: { why: 'Events are processed concurrently' },
    'service-killed': {
      why: `${takenForAnswered.why}. After the eight minutes that retries wait (dapr.yaml), it also drops events, which the broker keeps until it reconnects`,
      fixedInOurBuild: true,
    },
    'sidecar-killed': strandedByMqtt,
    'store-killed': strandedByMqtt,
    'broker-away': {
      why: 'The client doubles its pause before it reconnects, up to ten minutes. A restart of the sidecar would strand events',
      fixedInOurBuild: true,
    },
    'broker-killed': {
      why: 'Mosquitto acknowledges before it saves: the last event before the kill may be lost',
    },
    backlog: strandedByMqtt,
  },
};

/** Whether a sidecar of this version is built here, with fixes that an official one lacks: `1.18.2+51dadbf9`. */
export function isBuiltHere(dapr: string): boolean {
  return releaseOf(dapr) !== dapr;
}

/** The version without its build metadata (https://semver.org): `1.18.2` for the patched build `1.18.2+51dadbf9`. */
export function releaseOf(version: string): string {
  return version.split('+')[0] ?? version;
}

/** Why this pair cannot keep the promise with this version of the sidecar, or undefined if it can. */
export function whyNotPromised({ broker }: Pair, promise: PromiseId, dapr: string): string | undefined {
  const exception = exceptions[broker]?.[promise];
  return exception?.fixedInOurBuild === true && isBuiltHere(dapr) ? undefined : exception?.why;
}

/** The promises that a broker keeps with a sidecar that is built here, and not with an official one; and why. */
export function brokenByOfficialSidecars(broker: string): { promise: PromiseId; why: string }[] {
  return everyPromiseId.flatMap((promise) => {
    const exception = exceptions[broker]?.[promise];
    return exception?.fixedInOurBuild === true ? [{ promise, why: exception.why }] : [];
  });
}
