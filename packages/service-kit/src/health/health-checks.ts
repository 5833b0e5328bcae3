import { toError } from '../errors/to-error.js';
import type { Logger } from '../logs/logger.js';

/** A check of one part of the system. `check` resolves if the part works, and rejects with the reason if it does not. */
export type HealthCheck = { name: string; check: () => Promise<unknown> };

export type HealthReport = {
  status: 'up' | 'down';
  checks: { name: string; status: 'up' | 'down'; durationMs: number }[];
};

/** A check that takes longer counts as failed. */
const checkTimeoutMs = 1000;

/** Within this time the last report is returned again, so that checks do not become a load on the parts they check. */
const freshMs = 1000;

/**
 * Returns a function that runs all checks at the same time. The status is down if any part is down. Reasons are logged and not
 * reported, because they contain host names.
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
        logger.warn({ check: name, err: toError(thrown) }, 'health check failed');
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
