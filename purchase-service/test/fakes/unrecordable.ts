import { shopperKey } from '@unity-purchase/contracts';
import type { MemoryLogStore } from '@unity-purchase/numbered-log/testing';

/** Does something while nothing can be recorded for a shopper although the store works: the end of the history is damaged. */
export async function whileUnrecordable<Result>(
  { values }: MemoryLogStore,
  shopperId: string,
  work: () => Promise<Result>,
): Promise<Result> {
  let number = 1;
  const next = () => `history:${shopperKey(shopperId)}:${number}`;
  while (values.has(next())) number += 1;
  values.set(next(), 'nonsense');
  try {
    return await work();
  } finally {
    values.delete(next());
  }
}
