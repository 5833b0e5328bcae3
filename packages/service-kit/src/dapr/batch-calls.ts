import { DaprError } from './dapr-error.js';

/** Far more items than requests are admitted at one time. Beyond it, callers that have left would fill the memory. */
export const waitingMax = 10_000;

export type BatchLimits = {
  /** The largest number of calls in flight. Items that arrive meanwhile wait for the next call. */
  callsMax: number;
  /** The largest number of items in a call. */
  itemsMax: number;
};

type Waiting<Item, Result> = {
  item: Item;
  settle: (result: Result) => void;
  fail: (error: unknown) => void;
};

/**
 * Turns a call that takes many items into a function for one. Items that arrive in the same turn of the event loop, or while
 * the largest number of calls is in flight, share the next call. No item waits for others to arrive. All items of a call get
 * its result or its error. @throws DaprError if too many items are waiting
 */
export function batchCalls<Item, Result>(
  call: (items: readonly Item[]) => Promise<Result>,
  { callsMax, itemsMax }: BatchLimits,
): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let inFlight = 0;
  let scheduled = false;

  const send = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    inFlight += 1;
    try {
      const result = await call(batch.map(({ item }) => item));
      batch.forEach(({ settle }) => {
        settle(result);
      });
    } catch (error) {
      batch.forEach(({ fail }) => {
        fail(error);
      });
    } finally {
      inFlight -= 1;
      sendWaiting();
    }
  };
  const sendWaiting = (): void => {
    scheduled = false;
    while (waiting.length > 0 && inFlight < callsMax) {
      const batch = waiting.slice(0, itemsMax);
      waiting = waiting.slice(itemsMax);
      void send(batch);
    }
  };
  return (item) =>
    new Promise((settle, fail) => {
      if (waiting.length >= waitingMax) throw new DaprError('not-sent', 'too many calls are waiting');
      waiting.push({ item, settle, fail });
      if (scheduled || inFlight >= callsMax) return;
      scheduled = true;
      queueMicrotask(sendWaiting);
    });
}
