import type { Expectations } from './expectations.js';
import { wantedOf } from './expectations.js';
import type { Observations, ServiceName } from './observations.js';

/** What a ScaledObject says about scaling down. */
export type ScaleDownRules = { windowSeconds: number; periodSeconds: number };

/** The autoscaler looks every 15 s: the last look at what was much is up to so long ago, and a step comes so much later. */
const lookSeconds = 15;

/** Looks are a second apart. */
const toleranceSeconds = 2;

/**
 * Expects that the pods go one after the other, the first not before the window is over and each not before its period is,
 * until `least` are left.
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
  const longest = windowSeconds + (from - least) * (periodSeconds + lookSeconds) + 120;
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
    expected: `the first pod stops after at least ${windowSeconds} s, less one check of the autoscaler (${lookSeconds} s)`,
    observed: `after ${waited.toFixed(0)} s`,
    isMet: waited >= windowSeconds - lookSeconds - toleranceSeconds,
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
