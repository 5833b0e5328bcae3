import type { HistoryPage } from '@unity-purchase/contracts';
import type { AcceptanceProofs } from '../purchases/acceptance-proof.js';
import type { PurchaseStatus, ReadPurchaseStatus } from '../purchases/purchase-status.js';
import type { ShopperWatchers } from './shopper-watchers.js';

/** Receives live updates: `changed` for each new version of a page, and `settled` after the last one. */
export type UpdateListener = { changed: (version: string) => void; settled: () => void };

/** States that do not change again. */
const settledStates: readonly PurchaseStatus['state'][] = ['recorded', 'superseded', 'discarded', 'erased'];

/** Whether the status of a purchase is final. */
export function isSettled({ state }: PurchaseStatus): boolean {
  return settledStates.includes(state);
}

/**
 * The version of a page with other purchases than the newest ones: how many there are. It is the beginning of the version of the
 * newest page.
 */
export function versionOfOtherPage({ totals }: HistoryPage): string {
  return String(totals.count);
}

/** A short text that changes whenever a purchase is recorded or the history is erased. */
export function versionOfHistory({ totals, purchases }: HistoryPage): string {
  return `${totals.count}.${purchases[0]?.purchase.purchaseId ?? 'none'}`;
}

export type LiveUpdatesDependencies = {
  watchers: Pick<ShopperWatchers, 'watch'>;
  readPurchaseStatus: ReadPurchaseStatus;
  proofs: Pick<AcceptanceProofs, 'read'>;
};

/** Reports changes to open pages of histories and purchases. */
export class LiveUpdates {
  readonly #dependencies: LiveUpdatesDependencies;

  constructor(dependencies: LiveUpdatesDependencies) {
    this.#dependencies = dependencies;
  }

  /** Reports each change of a history after the version `knownVersion`, of its newest page or of another. Returns a function that stops this. */
  followHistory(
    shopperId: string,
    knownVersion: string,
    listener: Pick<UpdateListener, 'changed'>,
  ): () => void {
    let version = knownVersion;
    return this.#dependencies.watchers.watch(shopperId, (page) => {
      const current = versionOfHistory(page);
      if (current === version || current.startsWith(`${version}.`)) return;
      version = current;
      listener.changed(current);
    });
  }

  /**
   * Reports each change of a purchase's state after `knownState`, until the state is final. Returns a function that stops this.
   *
   * The newest page of the history, which all watchers share, shows whether the purchase was just recorded. Only a lookup of the
   * purchase itself shows whether it is a dead letter or was recorded long ago. A lookup follows the 1st, 2nd, 4th, 8th page and
   * so on, so lookups become rare for a page that stays open.
   */
  followPurchase(
    { shopperId, purchaseId, proof }: { shopperId: string; purchaseId: string; proof: unknown },
    knownState: string,
    listener: UpdateListener,
  ): () => void {
    const { watchers, readPurchaseStatus, proofs } = this.#dependencies;
    let state = knownState;
    let hasStopped = false;
    const report = (next: PurchaseStatus['state'], isFinal: boolean) => {
      if (hasStopped) return;
      if (next !== state) {
        state = next;
        listener.changed(next);
      }
      if (!isFinal) return;
      stop();
      listener.settled();
    };
    const lookUp = async () => {
      // After a failure a later lookup tries again.
      const status = await readPurchaseStatus(shopperId, purchaseId, proof).catch(() => undefined);
      if (status !== undefined) report(status.state, isSettled(status));
    };
    let pages = 0;
    let nextLookUp = 1;
    const stopWatching = watchers.watch(shopperId, ({ purchases }) => {
      const found = purchases.find(({ purchase }) => purchase.purchaseId === purchaseId);
      if (found !== undefined) {
        const isAccepted = proofs.read(proof, shopperId, purchaseId)?.isFor(found.purchase) ?? true;
        report(isAccepted ? 'recorded' : 'superseded', true);
        return;
      }
      pages += 1;
      if (pages < nextLookUp) return;
      nextLookUp *= 2;
      void lookUp();
    });
    const stop = () => {
      hasStopped = true;
      stopWatching();
    };
    return stop;
  }
}
