import type { HistoryPage } from '@unity-purchase/contracts';
import type { AcceptanceProofs } from '../purchases/acceptance-proof.js';
import type { PurchaseStatus, ReadPurchaseStatus } from '../purchases/purchase-status.js';
import type { ShopperWatches } from './shopper-watchers.js';

/** What a page hears: that there is another version, and, at last, that there will be no more. */
export type NewsListener = { changed: (version: string) => void; settled: () => void };

/** States that change no more. */
const settledStates: readonly PurchaseStatus['state'][] = ['recorded', 'superseded', 'discarded'];

export function isSettled({ state }: PurchaseStatus): boolean {
  return settledStates.includes(state);
}

/** What a page of the history shows, in few characters: it changes with every purchase that is recorded, and by an erasure. */
export function versionOfHistory({ totals, purchases }: HistoryPage): string {
  return `${totals.count}.${purchases[0]?.purchase.purchaseId ?? 'none'}`;
}

/** Tells pages when what they show is no longer all. */
export class PurchaseNews {
  readonly #parts: {
    watches: ShopperWatches;
    readPurchaseStatus: ReadPurchaseStatus;
    proofs: AcceptanceProofs;
  };

  constructor(parts: {
    watches: ShopperWatches;
    readPurchaseStatus: ReadPurchaseStatus;
    proofs: AcceptanceProofs;
  }) {
    this.#parts = parts;
  }

  /** Follows a history from a version on; gives what ends it. */
  followHistory(shopperId: string, known: string, listener: Pick<NewsListener, 'changed'>): () => void {
    let version = known;
    return this.#parts.watches.listen(shopperId, (page) => {
      const current = versionOfHistory(page);
      if (current === version) return;
      version = current;
      listener.changed(current);
    });
  }

  /**
   * Follows one purchase from a state on, until it is settled; gives what ends it. The newest page of the history, which is
   * asked for all who look, tells that it is recorded. Whether it is among the dead letters, or was recorded long ago, only
   * asking for the purchase itself tells: that is done at every doubling of the number of pages.
   */
  followPurchase(
    { shopperId, purchaseId, proof }: { shopperId: string; purchaseId: string; proof: unknown },
    known: string,
    listener: NewsListener,
  ): () => void {
    const { watches, readPurchaseStatus, proofs } = this.#parts;
    let state = known;
    let pages = 0;
    let isOver = false;
    const tell = (next: PurchaseStatus['state'], settled: boolean) => {
      if (isOver) return;
      if (next !== state) {
        state = next;
        listener.changed(next);
      }
      if (!settled) return;
      stop();
      listener.settled();
    };
    const askForItself = async () => {
      // What cannot be asked now says nothing new.
      const status = await readPurchaseStatus(shopperId, purchaseId, proof).catch(() => undefined);
      if (status !== undefined) tell(status.state, isSettled(status));
    };
    const unlisten = watches.listen(shopperId, ({ purchases }) => {
      const found = purchases.find(({ purchase }) => purchase.purchaseId === purchaseId);
      if (found !== undefined) {
        const isThis = proofs.read(proof, shopperId, purchaseId)?.isFor(found.purchase) ?? true;
        tell(isThis ? 'recorded' : 'superseded', true);
        return;
      }
      pages += 1;
      if (Number.isInteger(Math.log2(pages))) void askForItself();
    });
    const stop = () => {
      isOver = true;
      unlisten();
    };
    return stop;
  }
}
