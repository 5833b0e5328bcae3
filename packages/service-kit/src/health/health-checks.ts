import { toError } from '../errors/to-error.js';
import type { Logger } from '../logs/logger.js';

/** A part that may or may not work. `check` resolves if it does, and rejects with the reason if not. */
export type HealthCheck = { name: string; check: () => Promise<unknown> };

export type HealthReport = {
  status: 'up' | 'down';
  checks: { name: string; status: 'up' | 'down'; durationMs: number }[];
};

/** A part that takes longer to say that it works does not work. */
const checkTimeoutMs = 1000;

/** Whoever asks again within this time gets the last answer: asking must not become a load on what is asked about. */
const freshMs = 1000;

/**
 * Runs all checks at once; one part that is down makes the whole down. Why a part is down is logged and not told:
 * reasons name hosts.
 */
export function createHealthReporter(
  checks: readonly HealthCheck[],
  logger: Logger,
): () => Promise<HealthReport> {
  let last: { report: Promise<HealthReport>; atMs: number } | undefined;
  const run = async ({ name, check }: HealthCheck): Promise<HealthReport['checks'][number]> => {
    const startMs = performance.now();
    const status = await within(check(), checkTimeoutMs).then(
      () => 'up' as const,
      (thrown: unknown) => {
        logger.warn({ check: name, err: toError(thrown) }, 'a part is down');
        return 'down' as const;
      },
    );
    return { name, status, durationMs: Math.round(performance.now() - startMs) };
  };
  const runAll = async (): Promise<HealthReport> => {
    const results = await Promise.all(checks.map(run));
    return { status: results.every(({ status }) => status === 'up') ? 'up' : 'down', checks: results };
  };
  return () => {
    const nowMs = performance.now();
    if (last === undefined || nowMs - last.atMs > freshMs) last = { report: runAll(), atMs: nowMs };
    return last.report;
  };
}

async function within(work: Promise<unknown>, timeoutMs: number): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
