import { expect, test } from '@jest/globals';
import { shopperKey, type RebuildDifference } from '@unity-purchase/contracts';
import { createCompareHistory } from '../../src/rebuild/compare-history.js';
import { noCounts } from '../../src/rebuild/rebuild-options.js';
import { aPurchase } from '../fakes/purchases.js';

const ada = shopperKey('ada');
const recordedAt = '2026-01-01T00:00:00.000Z';

async function* nothing(): AsyncGenerator<never> {
  // A log without entries.
}

/** The differences of a purchase that version 0.1.0 recorded, in a journal that answers this when it is searched. */
async function differencesIn(contains: boolean | undefined): Promise<RebuildDifference[]> {
  const purchase = aPurchase();
  const compare = createCompareHistory({
    history: {
      async *inspect() {
        yield { purchases: [{ purchase, recordedAt, journal: undefined }], damages: [] };
        await Promise.resolve();
      },
      findPlaced: () => Promise.resolve({ purchase, recordedAt, journal: undefined }),
      repair: () => Promise.resolve(true),
      logOf: (shopper) => shopper,
    },
    journal: { at: nothing, contains: () => Promise.resolve(contains) },
    enterJournal: { add: () => Promise.resolve() },
    index: { inspect: nothing },
    checkIndex: nothing,
    now: () => new Date('2026-02-01T00:00:00.000Z'),
  });
  const options = {
    target: 'journal',
    isRepairing: true,
    replacesUnreadable: false,
    removesUnknown: false,
  } as const;
  const found: RebuildDifference[] = [];
  for await (const difference of compare(ada, options, noCounts())) found.push(difference);
  return found;
}

test('a purchase without a place is added to the journal only if it is certainly not there', async () => {
  expect(await differencesIn(false)).toMatchObject([{ difference: 'lacks', repaired: true }]);
  expect(await differencesIn(true)).toEqual([]);
  // The journal was too large to be searched to its end.
  expect(await differencesIn(undefined)).toEqual([]);
});
