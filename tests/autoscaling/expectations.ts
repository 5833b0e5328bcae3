import { errorText, waitUntil } from '@unity-purchase/tools';
import type { Observations, Sample, ServiceName } from './observations.js';

/** An expectation and its result. */
export type Step = {
  service: ServiceName;
  /** The action or the state. */
  when: string;
  expected: string;
  observed: string;
  /** Seconds since the start of the run. */
  fromSeconds: number;
  toSeconds: number;
  isMet: boolean;
};

/** The expectations of one service's scenario, in order. An unmet expectation is recorded, and the scenario continues. */
export type Expectations = {
  steps: readonly Step[];
  /** Expects this number of replicas, wanted and ready, within a time. */
  becomes: (when: string, replicas: number, withinMs: number) => Promise<void>;
  /** Expects this number of wanted replicas at every check for a time. */
  stays: (when: string, replicas: number, forMs: number) => Promise<void>;
  /** Expects a condition to become true within a time. */
  comesTrue: (
    when: string,
    expected: string,
    condition: () => Promise<true | string> | true | string,
    withinMs: number,
  ) => Promise<void>;
  /** Records a result that was determined otherwise. */
  note: (step: Omit<Step, 'service'>) => void;
};

/** Creates the expectations of a service. `onStep` receives each result. */
export function expectationsOf(
  service: ServiceName,
  observations: Observations,
  onStep: (step: Step) => void,
): Expectations {
  const steps: Step[] = [];
  const note: Expectations['note'] = (step) => {
    const complete = { service, ...step };
    steps.push(complete);
    onStep(complete);
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
