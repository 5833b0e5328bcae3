import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '@unity-purchase/tools';
import { parse } from 'yaml';
import { z } from 'zod';

/** The milliseconds of a duration with one unit. @throws Error for any other text */
export function durationMs(text: string): number {
  const [, number, unit] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`"${text}" is not a duration such as 30s`);
  return Number(number) * (unit === 'ms' ? 1 : unit === 's' ? 1_000 : 60_000);
}

const duration = z.string().transform(durationMs);

const resiliencySchema = z.object({
  spec: z.object({
    policies: z.object({
      timeouts: z.object({ handle: duration, state: duration }),
      retries: z.object({
        inbound: z.object({ policy: z.literal('exponential'), maxInterval: duration, maxRetries: z.int() }),
        state: z.object({ policy: z.literal('constant'), duration, maxRetries: z.int() }),
      }),
    }),
  }),
});

/** Dapr's defaults for exponential retries, which its policy cannot set (dapr/kit retry, cenkalti/backoff v4). */
const exponential = { initialMs: 500, factor: 1.5, jitter: 0.5, elapsedMaxMs: 15 * 60_000 };

/** How long the parts of handling one event can take, from the resiliency policy. */
export type TimeBudget = {
  /** A state call with its retries, while the store hangs. */
  stateCallMs: number;
  /** One delivery to the service. */
  handlerMs: number;
  /** All deliveries of an event to the service while each fails at once. */
  failingMs: number;
  /** All deliveries of an event to the service while each one hangs: then it becomes a dead letter. */
  hangingMs: number;
  /** By which part each pause between deliveries can differ. */
  jitter: number;
};

/** Calculates the time budget. The same file applies to every broker, on one machine and in a cluster. */
export async function readTimeBudget(): Promise<TimeBudget> {
  const text = await readFile(join(projectRoot, 'components/common/resiliency.yaml'), 'utf8');
  const { timeouts, retries } = resiliencySchema.parse(parse(text)).spec.policies;
  const { maxRetries, maxInterval } = retries.inbound;
  const pauses = Array.from({ length: maxRetries }, (_, index) =>
    Math.min(exponential.initialMs * exponential.factor ** index, maxInterval),
  );
  const failingMs = pauses.reduce((sum, pause) => sum + pause, 0);
  // A pause begins only before the limit, and a last try follows it.
  const limitMs = exponential.elapsedMaxMs + maxInterval * (1 + exponential.jitter) + timeouts.handle;
  const triesMs = (maxRetries + 1) * timeouts.handle + failingMs * (1 + exponential.jitter);
  return {
    stateCallMs:
      (retries.state.maxRetries + 1) * timeouts.state + retries.state.maxRetries * retries.state.duration,
    handlerMs: timeouts.handle,
    failingMs,
    hangingMs: Math.min(triesMs, limitMs),
    jitter: exponential.jitter,
  };
}
