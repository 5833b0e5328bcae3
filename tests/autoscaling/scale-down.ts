import { wantedOf, type Expectations } from './expectations.js';
import type { Observations, ServiceName } from './observations.js';

/** A ScaledObject's rules for scaling down. */
export type ScaleDownRules = { windowSeconds: number; periodSeconds: number };

/** The autoscaler checks every 15 s, so its last check under load, and each step, can be off by this. */
const checkSeconds = 15;

/** Observations are a second apart. */
const toleranceSeconds = 2;

/**
 * Expects pods to stop one at a time until `least` remain: the first after the stabilization window, the others at least a
 * period apart.
 */
export async function expectScaleDown(
  service: ServiceName,
  { becomes, note }: Pick<Expectations, 'becomes' | 'note'>,
  observations: Observations,
  { windowSeconds, periodSeconds }: ScaleDownRules,
  { from, least, when }: { from: number; least: number; when: string },
): Promise<void> {
  const fromSeconds = observations.seconds();
  const first = observations.samples.length;
  const longest = windowSeconds + (from - least) * (periodSeconds + checkSeconds) + 120;
  await becomes(when, least, longest * 1_000);
  const steps: { at: number; by: number }[] = [];
  let before = from;
  for (const sample of observations.samples.slice(first)) {
    const now = wantedOf(sample, service);
    if (now !== before) steps.push({ at: sample.seconds, by: now - before });
    before = now;
  }
  const waited = (steps[0]?.at ?? Infinity) - fromSeconds;
  const gaps = steps.slice(1).map(({ at }, index) => at - (steps[index]?.at ?? 0));
  const shortest = Math.min(...gaps);
  const toSeconds = observations.seconds();
  note({
    when,
    expected: `the first pod stops after at least ${windowSeconds} s, less one check of the autoscaler (${checkSeconds} s)`,
    observed: `after ${waited.toFixed(0)} s`,
    isMet: waited >= windowSeconds - checkSeconds - toleranceSeconds,
    fromSeconds,
    toSeconds,
  });
  note({
    when,
    expected: `one at a time, at least ${periodSeconds} s apart`,
    observed: `${steps.map(({ by }) => by).join(', ')}; ${shortest.toFixed(0)} to ${Math.max(...gaps).toFixed(0)} s apart`,
    isMet: steps.every(({ by }) => by === -1) && shortest >= periodSeconds - toleranceSeconds,
    fromSeconds,
    toSeconds,
  });
}
