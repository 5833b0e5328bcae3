import { setTimeout as wait } from 'node:timers/promises';
import { toError, type Logger } from '@unity-purchase/service-kit';
import type { PurchaseJournal } from './purchase-journal.js';

/** How often a claim is renewed: it outlasts two renewals that fail. */
const renewalMs = 30_000;

/**
 * Claims a shard of the journal now, and renews the claim until the returned function is called. That resolves when the shard is
 * released. What fails is logged and tried again, because only speed depends on it.
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
    await kept;
    await attempt(() => journal.releaseShard());
  };
}
