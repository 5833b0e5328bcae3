export type BatchLimits = {
  /** How many calls may be under way at once; what comes meanwhile waits for the next one. */
  callsMax: number;
  /** How many items share a call. */
  itemsMax: number;
};

type Waiting<Item, Result> = {
  item: Item;
  settle: (result: Result) => void;
  fail: (error: unknown) => void;
};

/**
 * Turns a call that takes many items into a function for one: items that come in the same turn of the event loop, or while
 * as many calls as allowed are under way, share the next call. Nothing waits for others to come. All items of a call get
 * its result, and its error.
 */
export function batchCalls<Item, Result>(
  call: (items: readonly Item[]) => Promise<Result>,
  { callsMax, itemsMax }: BatchLimits,
): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let underWay = 0;
  let scheduled = false;

  const send = async (batch: readonly Waiting<Item, Result>[]): Promise<void> => {
    underWay += 1;
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
      underWay -= 1;
      sendWaiting();
    }
  };
  const sendWaiting = (): void => {
    scheduled = false;
    while (waiting.length > 0 && underWay < callsMax) {
      const batch = waiting.slice(0, itemsMax);
      waiting = waiting.slice(itemsMax);
      void send(batch);
    }
  };
  return (item) =>
    new Promise((settle, fail) => {
      waiting.push({ item, settle, fail });
      if (scheduled || underWay >= callsMax) return;
      scheduled = true;
      queueMicrotask(sendWaiting);
    });
}
