import { rejectOnAbort, rejectOnFailure, type ProcessFailure } from '@unity-purchase/tools';

/** The first failure of processes that are not part of a system. */
export type FirstFailure = { failed: Promise<ProcessFailure>; report: (failure: ProcessFailure) => void };

/** Returns a place to report failures to. */
export function firstFailure(): FirstFailure {
  let report: (failure: ProcessFailure) => void = () => undefined;
  const failed = new Promise<ProcessFailure>((resolve) => (report = resolve));
  return { failed, report };
}

/** Resolves with what was measured. Rejects as soon as a process fails or the signal is aborted. */
export async function untilFailure<T>(
  measuring: Promise<T>,
  { failures, signal }: { failures: readonly Promise<ProcessFailure>[]; signal: AbortSignal },
): Promise<T> {
  return Promise.race([
    measuring,
    ...failures.map((failed) => rejectOnFailure(failed)),
    rejectOnAbort(signal, 'stopped before everything was measured'),
  ]);
}
