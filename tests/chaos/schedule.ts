import { seededRandom, shuffled, wholeBetween } from './random.js';

/** The kinds of disturbances that take seconds. */
export const shortDisturbanceKinds = [
  'kill',
  'stop',
  'freeze',
  'add-replica',
  'wrong-clock',
  'slow-sidecar',
  'failing-store',
  'slow-bodies',
] as const;

/** The kinds that last longer than clients and handlers wait. */
export const longDisturbanceKinds = ['broker-away', 'hanging-store', 'full-disk'] as const;

export type DisturbanceKind = (typeof shortDisturbanceKinds | typeof longDisturbanceKinds)[number];

/** One disturbance of one target for a duration, followed by a pause. */
export type Disturbance = { kind: DisturbanceKind; target: string; outageMs: number; pauseMs: number };

/** The targets of each kind of disturbance. */
export type Targets = Readonly<Record<DisturbanceKind, readonly string[]>>;

/** Long enough for brokers to notice (Kafka drops a consumer after 6 s), far shorter than the retries wait. */
const shortOutageMs = { min: 500, max: 8_000 };

const longOutageMs = {
  // Some clients of brokers give up after two minutes.
  'broker-away': { min: 180_000, max: 180_000 },
  // A handler gives up after 30 s.
  'hanging-store': { min: 20_000, max: 45_000 },
  // Servers may use what they have reserved for some seconds.
  'full-disk': { min: 20_000, max: 45_000 },
};

const pauseMs = { min: 500, max: 3_000 };

/** One long disturbance follows this many rounds of short ones. */
const roundsBeforeLong = 2;

/**
 * An endless series of disturbances, reproducible from seed and targets. Kinds take turns, and each kind visits all its
 * targets before it repeats one, so that a short run covers every short kind and a longer one every kind and target.
 */
export function* disturbances(seed: number, targets: Targets): Generator<Disturbance, never> {
  const random = seededRandom(seed);
  const left = new Map<DisturbanceKind, string[]>();
  const next = (kind: DisturbanceKind, outageMs: { min: number; max: number }): Disturbance => {
    const known = left.get(kind) ?? [];
    const order = known.length > 0 ? known : shuffled(random, targets[kind]);
    const [target = '', ...rest] = order;
    left.set(kind, rest);
    return {
      kind,
      target,
      outageMs: wholeBetween(random, outageMs.min, outageMs.max),
      pauseMs: wholeBetween(random, pauseMs.min, pauseMs.max),
    };
  };
  const kinds = shortDisturbanceKinds.filter((kind) => targets[kind].length > 0);
  const longKinds = longDisturbanceKinds.filter((kind) => targets[kind].length > 0);
  if (kinds.length === 0) throw new RangeError('there is nothing to disturb');
  for (let longLeft: (typeof longKinds)[number][] = []; ;) {
    for (let round = 0; round < roundsBeforeLong; round += 1)
      for (const kind of shuffled(random, kinds)) yield next(kind, shortOutageMs);
    if (longLeft.length === 0) longLeft = shuffled(random, longKinds);
    const long = longLeft.pop();
    if (long !== undefined) yield next(long, longOutageMs[long]);
  }
}
