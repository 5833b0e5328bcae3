import { shopperKey, type AuditAction } from '@unity-purchase/contracts';
import type { Ledger } from './ledger.js';
import type { Recorder } from './recorder.js';
import type { World } from './world.js';

/** An erasure is repeated after this time, for what replicas were recording meanwhile: the default of `--again-after`. */
const againAfterMs = 35_000;

/** What an operator does about one dead letter. */
export type DeadLetterDecision = 'nothing' | 'replay' | 'discard';

/** What operators do: they erase shoppers, and replay and discard dead letters. */
export class Operator {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #recorders: readonly Recorder[];

  constructor(parts: { world: World; ledger: Ledger; recorders: readonly Recorder[] }) {
    this.#world = parts.world;
    this.#ledger = parts.ledger;
    this.#recorders = parts.recorders;
  }

  /**
   * Erases a shopper, and once more when what was in flight has ended. If the shopper has bought something since the erasure before, that
   * may have been in flight, and the shopper is erased again.
   */
  erase(shopperId: string, previousStartMs?: number): void {
    const { process, name } = this.#world.choices.oneOf(this.#recorders);
    const isStillRunning = () => process.isRunning;
    const shopper = shopperKey(shopperId);
    this.#audited(process, { action: 'erase-shopper', target: shopper }, async () => {
      const erasure = { shopper, startMs: this.#world.nowMs, endMs: Infinity, isComplete: false };
      this.#ledger.erasures.push(erasure);
      this.#world.tell(() => `${name} erases ${JSON.stringify(shopperId)}`);
      const ended = (isComplete: boolean) => {
        erasure.endMs = this.#world.nowMs;
        erasure.isComplete = isComplete;
        this.#world.tell(
          () => `the erasure of ${JSON.stringify(shopperId)} ${isComplete ? 'is complete' : 'failed'}`,
        );
      };
      process.onEnd.push(() => {
        if (erasure.endMs === Infinity) ended(false);
      });
      try {
        await process.dependencies.shopperRecords.erase(shopper);
      } catch {
        if (isStillRunning()) ended(false);
        return;
      }
      if (!isStillRunning()) return;
      ended(true);
      const isLast =
        previousStartMs !== undefined &&
        !this.#ledger.orders.some(
          ({ purchase, boughtMs }) => purchase.shopper.id === shopperId && boughtMs >= previousStartMs,
        );
      if (isLast) return;
      this.#world.later(
        () => {
          this.erase(shopperId, erasure.startMs);
        },
        { dueMs: this.#world.nowMs + againAfterMs },
      );
    }).catch(() => {
      this.#world.tell(() => `${name} cannot write that it erases ${JSON.stringify(shopperId)}`);
    });
  }

  /** Decides about each dead letter that can still be recorded or is of no use. Returns how many were replayed. */
  async decide({ process }: Recorder, decisionAbout: () => DeadLetterDecision): Promise<number> {
    const { deadLetters } = process.dependencies;
    let count = 0;
    let cursor: string | undefined;
    do {
      const page = await this.#audited(process, { action: 'list-dead-letters' }, () =>
        deadLetters.page(50, cursor),
      );
      for (const { id, reason, purchaseId } of page.deadLetters) {
        const isOfUse = reason !== 'invalid' && reason !== 'unreadable';
        const decision = decisionAbout();
        if (decision === 'discard') await this.#discard(process, id, purchaseId);
        if (decision !== 'replay' || !isOfUse) continue;
        count += 1;
        this.#ledger.discards.delete(id);
        await this.#audited(process, { action: 'replay-dead-letter', target: id }, () =>
          deadLetters.replay(id),
        ).catch(() => undefined);
      }
      cursor = page.next;
    } while (cursor !== undefined);
    return count;
  }

  async #discard(process: Recorder['process'], id: string, purchaseId: string | undefined): Promise<void> {
    const discard = { purchaseId, startMs: this.#world.nowMs, endMs: Infinity };
    this.#ledger.discards.set(id, discard);
    try {
      await this.#audited(process, { action: 'discard-dead-letter', target: id }, () =>
        process.dependencies.deadLetters.discard(id),
      );
      discard.endMs = this.#world.nowMs;
      this.#world.tell(() => `an operator has discarded dead letter ${id}`);
    } catch {
      this.#world.tell(() => `an operator cannot discard dead letter ${id}`);
    }
  }

  /** Does something as the API lets an operator do it: only when the audit log has it. See `auditedRoute`. */
  async #audited<Result>(
    { dependencies }: Recorder['process'],
    access: { action: AuditAction; target?: string },
    work: () => Promise<Result>,
  ): Promise<Result> {
    const { target, action } = access;
    const { accesses } = this.#ledger;
    const requestId = `request-${accesses.length + 1}`;
    const made = { requestId, action, isMade: false };
    accesses.push(made);
    await dependencies.audit.write({ operator: 'an operator', action, target, requestId });
    made.isMade = true;
    return work();
  }
}
