import type { DeadLetterRecords } from './dead-letter-records.js';
import type { FindOutcome } from './letter-outcome.js';
import { contentOf } from './stored-letter.js';

/** Which of some dead letters are about purchases that have been recorded since. It throws the store's error. */
export type FindRecorded = (ids: readonly string[]) => Promise<string[]>;

export function createFindRecorded(
  records: Pick<DeadLetterRecords, 'readAll'>,
  findOutcome: FindOutcome,
): FindRecorded {
  return async (ids) => {
    const stored = await records.readAll(ids);
    const recorded = await Promise.all(
      ids.map(async (id, index) => {
        const letter = stored[index]?.letter;
        if (letter === undefined) return [];
        const { recordedAt } = await findOutcome(letter, contentOf(letter));
        return recordedAt === undefined ? [] : [id];
      }),
    );
    return recorded.flat();
  };
}
