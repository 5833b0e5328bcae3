import { shopperKey } from '@unity-purchase/contracts';
import type { Ledger } from './ledger.js';
import type { Recorder } from './recorder.js';
import type { World } from './world.js';

/** An erasure is repeated after this time, for what replicas were recording meanwhile: the default of `--again-after`. */
const againAfterMs = 35_000;

/** What operators do: they erase shoppers and replay dead letters. */
export class Operator {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #recorders: readonly Recorder[];

  constructor(parts: { world: World; ledger: Ledger; recorders: readonly Recorder[] }) {
    this.#world = parts.world;
    this.#ledger = parts.ledger;
    this.#recorders = parts.recorders;
  }

  /** Erases a shopper, and once more when what was in flight has ended. */
  erase(shopperId: string, isSecond = false): void {
    const { process, name } = this.#world.choices.oneOf(this.#recorders);
    const erasure = {
      shopper: shopperKey(shopperId),
      startMs: this.#world.nowMs,
      endMs: Infinity,
      isComplete: false,
    };
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
    const isStillRunning = () => process.isRunning;
    process.dependencies.shopperRecords.erase(erasure.shopper).then(
      () => {
        if (!isStillRunning()) return;
        ended(true);
        if (!isSecond)
          this.#world.later(
            () => {
              this.erase(shopperId, true);
            },
            {
              dueMs: this.#world.nowMs + againAfterMs,
            },
          );
      },
      () => {
        if (isStillRunning()) ended(false);
      },
    );
  }

  /** Replays a page of the dead letters that an operator would replay, or some of them. */
  async replay(recorder: Recorder, isWanted: () => boolean): Promise<number> {
    const { deadLetters } = recorder.dependencies;
    let count = 0;
    let cursor: string | undefined;
    do {
      const page = await deadLetters.page(50, cursor);
      for (const { id, reason } of page.deadLetters) {
        if (reason === 'invalid' || reason === 'unreadable' || !isWanted()) continue;
        count += 1;
        await deadLetters.replay(id).catch(() => undefined);
      }
      cursor = page.next;
    } while (cursor !== undefined);
    return count;
  }
}
