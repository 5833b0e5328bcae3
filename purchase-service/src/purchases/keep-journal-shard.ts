import { setTimeout as wait } from 'node:timers/promises';
import { toError, type Logger } from '@unity-purchase/service-kit';
import type { PurchaseJournal } from './purchase-journal.js';

/** How often a claim is renewed: it outlasts two renewals that fail. */
const renewalMs = 30_000;

/** A store that hangs must not keep the service from stopping: then the claim ends by itself. */
const releaseMaxMs = 1_000;

/**
 * Claims a shard of the journal now, and renews the claim until the returned function is called. That resolves when the shard is
 * released, or after a second. What fails is logged and tried again, because only speed depends on it.
 */
export function keepJournalShard(
  journal: Pick<PurchaseJournal, 'claimShard' | 'releaseShard'>,
  logger: Pick<Logger, 'warn'>,
  intervalMs = renewalMs,
): () => Promise<void> {
  const end = new AbortController();
  const attempt = (work: () => Promise<void>) =>
    work().catch((thrown: unknown) => {
      logger.warn({ err: toError(thrown) }, 'the claim of a shard of the journal could not be stored');
    });
  const keep = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await attempt(() => journal.claimShard());
      await wait(intervalMs, undefined, { signal: end.signal, ref: false }).catch(() => undefined);
    }
  };
  const kept = keep();
  return async () => {
    end.abort();
    const released = kept.then(() => attempt(() => journal.releaseShard()));
    const timer = new AbortController();
    const tooLate = wait(releaseMaxMs, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([released, tooLate]);
    timer.abort();
  };
}
