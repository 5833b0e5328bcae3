import { errorText } from '@unity-purchase/tools';

/** The page shows the beginning of a complaint. */
const complaintMax = 200;

/** A promise and what was observed. */
export type Observation = {
  promise: string;
  observed: string;
  seconds: number;
  isKept: boolean;
};

/** The promises of a run, in order. A broken one is recorded, and the run goes to the next. */
export type Promises = {
  observations: readonly Observation[];
  /** Checks a promise. `check` resolves to what it observed, and rejects with what is wrong. */
  expect: (promise: string, check: () => Promise<string>) => Promise<void>;
  /**
   * Breaks something on purpose. Kept if `check` then rejects, which shows that the check it uses can fail. Its complaint is the
   * observation.
   */
  catches: (fault: string, check: () => Promise<unknown>) => Promise<void>;
  /** As `expect`, for what all later promises need: it rejects if the promise is broken. */
  require: (promise: string, check: () => Promise<string>) => Promise<void>;
};

/** Returns a run without observations. `onObservation` receives each. */
export function createPromises(onObservation: (observation: Observation) => void): Promises {
  const observations: Observation[] = [];
  const observe = async (promise: string, check: () => Promise<string>): Promise<Observation> => {
    const startedMs = performance.now();
    const outcome = await check().then(
      (observed) => ({ observed, isKept: true }),
      (error: unknown) => ({ observed: errorText(error), isKept: false }),
    );
    const observation = { promise, ...outcome, seconds: (performance.now() - startedMs) / 1_000 };
    observations.push(observation);
    onObservation(observation);
    return observation;
  };
  return {
    observations,
    expect: async (promise, check) => {
      await observe(promise, check);
    },
    catches: async (fault, check) => {
      await observe(`On purpose: ${fault}`, async () => {
        const complaint = await check().then(() => undefined, errorText);
        if (complaint === undefined) throw new Error('nothing noticed it');
        return `noticed: ${complaint.split('\n')[0]?.slice(0, complaintMax) ?? ''}`;
      });
    },
    require: async (promise, check) => {
      const { isKept, observed } = await observe(promise, check);
      if (!isKept) throw new Error(`${promise}: ${observed}`);
    },
  };
}
