import { toError } from '../errors/to-error.js';

/** A part that may or may not work. `check` resolves if it does, and rejects with the reason if not. */
export type HealthCheck = { name: string; check: (signal: AbortSignal) => Promise<unknown> };

export type HealthReport = {
  status: 'up' | 'down';
  checks: { name: string; status: 'up' | 'down'; durationMs: number; reason?: string }[];
};

/** A part that takes longer to say that it works does not work. */
const checkTimeoutMs = 1000;

async function run({ name, check }: HealthCheck): Promise<HealthReport['checks'][number]> {
  const startMs = performance.now();
  const outcome = await check(AbortSignal.timeout(checkTimeoutMs)).then(
    () => ({ status: 'up' as const }),
    (thrown: unknown) => ({ status: 'down' as const, reason: toError(thrown).message }),
  );
  return { name, durationMs: Math.round(performance.now() - startMs), ...outcome };
}

/** Runs all checks at once. One part that is down makes the whole down. */
export async function runHealthChecks(checks: readonly HealthCheck[]): Promise<HealthReport> {
  const results = await Promise.all(checks.map(run));
  return { status: results.every(({ status }) => status === 'up') ? 'up' : 'down', checks: results };
}
