import { errorText, waitUntil } from '@unity-purchase/tools';
import type { Observations, Sample, ServiceName } from './observations.js';

/** One expectation and what came of it. */
export type Step = {
  service: ServiceName;
  /** What was done, or is the case. */
  when: string;
  expected: string;
  observed: string;
  /** Since the start of the run. */
  fromSeconds: number;
  toSeconds: number;
  isMet: boolean;
};

/** The expectations of one service's story, one after the other; an unmet one is noted, and the story goes on. */
export type Expectations = {
  steps: readonly Step[];
  /** That there are so many replicas, wanted and ready, before a time is over. */
  becomes: (when: string, replicas: number, withinMs: number) => Promise<void>;
  /** That there are so many at every look for a time. */
  stays: (when: string, replicas: number, forMs: number) => Promise<void>;
  /** That something comes true before a time is over; resolves to whether it did. */
  comesTrue: (
    when: string,
    expected: string,
    condition: () => Promise<true | string> | true | string,
    withinMs: number,
  ) => Promise<void>;
  /** Notes something that was found out otherwise. */
  note: (step: Omit<Step, 'service'>) => void;
};

export function expectationsOf(
  service: ServiceName,
  observations: Observations,
  onStep: (step: Step) => void,
): Expectations {
  const steps: Step[] = [];
  const note: Expectations['note'] = (step) => {
    const whole = { service, ...step };
    steps.push(whole);
    onStep(whole);
  };
  const comesTrue: Expectations['comesTrue'] = async (when, expected, condition, withinMs) => {
    const fromSeconds = observations.seconds();
    const outcome = await waitUntil(condition, withinMs).then(
      () => ({ observed: 'as expected', isMet: true }),
      (error: unknown) => ({ observed: errorText(error), isMet: false }),
    );
    note({ when, expected, fromSeconds, toSeconds: observations.seconds(), ...outcome });
  };
  return {
    steps,
    note,
    comesTrue,
    becomes: (when, replicas, withinMs) =>
      comesTrue(
        when,
        `${replicas} replicas within ${withinMs / 1_000} s`,
        () => {
          const { wanted, ready } = observations.latest().replicas[service];
          return (wanted === replicas && ready === replicas) || `${wanted} wanted, ${ready} ready`;
        },
        withinMs,
      ),
    stays: async (when, replicas, forMs) => {
      const fromSeconds = observations.seconds();
      const first = observations.samples.length;
      await waitUntil(
        () => observations.seconds() - fromSeconds >= forMs / 1_000 || 'too early',
        forMs + 10_000,
      );
      const seen = observations.samples.slice(first);
      const others = seen.filter((sample) => wantedOf(sample, service) !== replicas);
      note({
        when,
        expected: `${replicas} replicas for ${forMs / 1_000} s`,
        observed:
          others.length === 0
            ? `${replicas} at each of ${seen.length} checks`
            : `${[...new Set(others.map((sample) => wantedOf(sample, service)))].join(', ')} at ${others.length} of ${seen.length} checks`,
        fromSeconds,
        toSeconds: observations.seconds(),
        isMet: others.length === 0 && seen.length > 0,
      });
    },
  };
}

export function wantedOf(sample: Sample, service: ServiceName): number {
  return sample.replicas[service].wanted;
}
