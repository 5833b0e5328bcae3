import { seededRandom, shuffled, wholeBetween } from './random.js';

/** What can be done to a system. */
export const disturbanceKinds = [
  'kill',
  'stop',
  'freeze',
  'add-replica',
  'slow-sidecar',
  'failing-store',
] as const;

export type DisturbanceKind = (typeof disturbanceKinds)[number];

/** One thing that is done to one part, for so long; then all is well for a while. */
export type Disturbance = { kind: DisturbanceKind; target: string; outageMs: number; pauseMs: number };

/** Which parts each kind is done to. */
export type Targets = Readonly<Record<DisturbanceKind, readonly string[]>>;

/** Long enough for brokers to notice (a consumer of Kafka counts as gone after 6 s), far below what retries wait for. */
const outageMs = { min: 500, max: 8_000 };
const pauseMs = { min: 500, max: 3_000 };

/**
 * Endlessly many disturbances, the same ones for the same seed and targets. All kinds take turns, and each kind goes through
 * all its targets before it comes back to one: a short run sees each kind, a longer one each pair of them.
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
