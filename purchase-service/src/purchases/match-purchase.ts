import { clockDifferenceMaxMs, type Purchase } from '@unity-purchase/contracts';
import type { Period } from './calendar.js';
import { spellingsOf } from './spellings.js';

/** The first part of a purchase id, which receipts show as the purchase's number, or more of the id. */
const beginningOfNumber = /^[0-9a-f]{8}(?:-[0-9a-f-]*)?$/;

/** The first part of a UUIDv7 counts units of this many milliseconds since the epoch. */
const numberUnitMs = 2 ** 16;

/** Nearly every purchase is recorded this soon after its id was created. */
const recordedWithinMs = 30 * 60_000;

/**
 * Whether a purchase matches a text: each of its words occurs in the titles of the items, or the purchase id begins with it. Case,
 * accents and umlauts do not matter: "kuche" and "kueche" both find "Küche".
 */
export function purchaseMatcher(text: string): (purchase: Pick<Purchase, 'purchaseId' | 'lines'>) => boolean {
  const words = text.split(/\s+/u).filter(Boolean).map(spellingsOf);
  const number = numberIn(text);
  return ({ purchaseId, lines }) => {
    if (number !== undefined && purchaseId.startsWith(number)) return true;
    const titles = spellingsOf(lines.map(({ title }) => title).join('\n'));
    return words.every(
      (word) => titles.plain.includes(word.plain) || titles.spelledOut.includes(word.spelledOut),
    );
  };
}

/**
 * When a purchase was recorded whose id begins with this text, unless it was recorded late. Undefined if the text cannot be the first
 * part of an id with a time.
 */
export function timesOfNumber(text: string, nowMs: number): Period | undefined {
  const number = numberIn(text);
  if (number === undefined) return undefined;
  const createdMs = parseInt(number.slice(0, 8), 16) * numberUnitMs;
  // Ids without a time begin with 00: see `purchaseIdTimeMs`.
  if (number.startsWith('00') || createdMs > nowMs + clockDifferenceMaxMs) return undefined;
  return {
    fromMs: createdMs - clockDifferenceMaxMs,
    toMs: createdMs + numberUnitMs + clockDifferenceMaxMs + recordedWithinMs,
  };
}

function numberIn(text: string): string | undefined {
  const number = text.trim().replace(/^#/, '').toLowerCase();
  return beginningOfNumber.test(number) ? number : undefined;
}
