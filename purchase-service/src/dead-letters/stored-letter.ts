import { manyShoppers } from '../shoppers/shopper-index.js';
import { readContent, shoppersNamedIn, type Content } from './dead-letter-content.js';
import type { Letter, PurchaseKey } from './dead-letter-records.js';

/** What is kept of what was delivered. */
export function bytesOf({ base64 }: Letter): Buffer {
  return Buffer.from(base64, 'base64');
}

/** The content of a stored dead letter. Nothing can be read from the beginning of an event but who is named in it. */
export function contentOf(letter: Letter): Content {
  if (letter.truncated === undefined) return readContent(bytesOf(letter));
  return {
    problems: ['the event is too large to be kept as a whole'],
    isJson: letter.reason !== 'unreadable',
    about: {},
  };
}

/** The purchase of a stored dead letter, if it can be read or was read when the dead letter arrived. */
export function purchaseOf(
  { shopperKey, purchaseId }: Pick<Letter, 'shopperKey' | 'purchaseId'>,
  content: Content,
): PurchaseKey | undefined {
  if (shopperKey !== undefined && purchaseId !== undefined) return { shopperKey, purchaseId };
  return content.purchase;
}

/**
 * The key of the shopper to whom a valid event belongs: it is about no one else. Otherwise undefined: an event that is not valid is
 * about everyone whose id is a string in it.
 */
function ownerOf(letter: Letter): string | undefined {
  const wasValid = letter.reason === 'not-recorded' || letter.reason === 'contradicts-record';
  return wasValid ? (letter.shopperKey ?? readContent(bytesOf(letter)).purchase?.shopperKey) : undefined;
}

/** Whether a dead letter is about a shopper. It recognises a shopper's id only as a string in JSON. */
export function isAbout(letter: Letter, shopper: string): boolean {
  const owner = ownerOf(letter);
  if (owner !== undefined) return owner === shopper;
  if (letter.shopperKey === shopper || contentOf(letter).purchase?.shopperKey === shopper) return true;
  for (const named of shoppersNamedIn(bytesOf(letter))) if (named === shopper) return true;
  return false;
}

/** How many strings of a dead letter get an index entry each. The largest event of a purchase has fewer. */
const indexedMax = 100;

/** The shoppers whose index gets a dead letter. */
export function shoppersToIndex(letter: Letter): string[] {
  const owner = ownerOf(letter);
  if (owner !== undefined) return [owner];
  const known = letter.shopperKey ?? contentOf(letter).purchase?.shopperKey;
  const named = new Set(known === undefined ? [] : [known]);
  for (const shopper of shoppersNamedIn(bytesOf(letter))) {
    named.add(shopper);
    if (named.size > indexedMax) return known === undefined ? [manyShoppers] : [known, manyShoppers];
  }
  return [...named];
}
