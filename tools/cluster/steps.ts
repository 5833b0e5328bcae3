import { errorText } from '../programs/error-text.js';

/** Announces the steps of a long command, and says where to look when one fails. */
export type Steps = {
  /** Runs a step. Rejects with its error, the step's title and the advice. */
  run: <T>(title: string, advice: string, work: () => Promise<T>) => Promise<T>;
};

export function stepsOf(say: (line: string) => void, now: () => number = () => performance.now()): Steps {
  const startMs = now();
  return {
    run: async (title, advice, work) => {
      say(`==> ${title} (${Math.round((now() - startMs) / 1_000)} s)`);
      try {
        return await work();
      } catch (cause) {
        throw new Error(
          [
            `FAILED: ${title}`,
            errorText(cause),
            advice,
            'Earlier steps are done, later ones are not. Run it again to continue.',
          ].join('\n'),
          { cause },
        );
      }
    },
  };
}
