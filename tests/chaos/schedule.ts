import { seededRandom, shuffled, wholeBetween } from './random.js';

/** The kinds of disturbances. */
export const disturbanceKinds = [
  'kill',
  'stop',
  'freeze',
  'add-replica',
  'slow-sidecar',
  'failing-store',
] as const;

export type DisturbanceKind = (typeof disturbanceKinds)[number];

/** One disturbance of one target for a duration, followed by a pause. */
export type Disturbance = { kind: DisturbanceKind; target: string; outageMs: number; pauseMs: number };

/** The targets of each kind of disturbance. */
export type Targets = Readonly<Record<DisturbanceKind, readonly string[]>>;

/** Long enough for brokers to notice (Kafka drops a consumer after 6 s), far shorter than the retries wait. */
const outageMs = { min: 500, max: 8_000 };
const pauseMs = { min: 500, max: 3_000 };

/**
 * An endless series of disturbances, reproducible from seed and targets. Kinds take turns, and each kind visits all its
 * targets before it repeats one, so that a short run covers every kind and a longer one every target.
 */
export function* disturbances(seed: number, targets: Targets): Generator<Disturbance, never> {
  const random = seededRandom(seed);
  const kinds = disturbanceKinds.filter((kind) => targets[kind].length > 0);
  if (kinds.length === 0) throw new RangeError('there is nothing to disturb');
  const left = new Map<DisturbanceKind, string[]>();
  for (;;)
    for (const kind of shuffled(random, kinds)) {
      const known = left.get(kind) ?? [];
      const order = known.length > 0 ? known : shuffled(random, targets[kind]);
      const [target = '', ...rest] = order;
      left.set(kind, rest);
      yield {
        kind,
        target,
        outageMs: wholeBetween(random, outageMs.min, outageMs.max),
        pauseMs: wholeBetween(random, pauseMs.min, pauseMs.max),
      };
    }
}
