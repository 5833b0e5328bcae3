import {
  localRunnerEndpoint,
  partPausePath,
  partsPath,
  partStatesSchema,
  type PartState,
  type PausablePart,
} from '@unity-purchase/contracts';
import { AppError, DaprError, type Invocation, type Invoke } from '@unity-purchase/service-kit';

/** The local runner, which can pause parts of a demo system. The sidecar finds it with the runner's own HTTPEndpoint. */
export type LocalRunner = {
  /** The parts that can be paused. @throws AppError 503 if the runner does not answer */
  parts: (signal?: AbortSignal) => Promise<PartState[]>;
  /** Pauses a part. Does nothing if it is paused already. @throws AppError 503 if the runner does not answer or cannot pause it */
  pause: (part: PausablePart, seconds: number) => Promise<void>;
};

/** The runner's answer for a part that is paused already. */
const alreadyPaused = 409;

export function createLocalRunner(invoke: Invoke, token: string): LocalRunner {
  const headers = { authorization: `Bearer ${token}` };
  const call = async (method: 'GET' | 'POST', path: string, signal?: AbortSignal): Promise<Invocation> => {
    const answer = await invoke(localRunnerEndpoint, path, { method, headers, signal }).catch(
      (thrown: unknown) => {
        throw thrown instanceof DaprError ? unavailable(thrown) : thrown;
      },
    );
    if (answer.status !== 200 && answer.status !== alreadyPaused)
      throw unavailable(new Error(`the local runner answered ${answer.status}`));
    return answer;
  };
  return {
    parts: async (signal) => {
      const { body } = await call('GET', partsPath, signal);
      const states = partStatesSchema.safeParse(body);
      if (!states.success) throw unavailable(states.error);
      return states.data.parts;
    },
    pause: async (part, seconds) => {
      await call('POST', partPausePath(part, seconds));
    },
  };
}

function unavailable(cause: Error): AppError {
  return new AppError('desk-unavailable', { cause, retryAfterSeconds: 2 });
}
