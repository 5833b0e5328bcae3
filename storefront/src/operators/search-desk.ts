import {
  deadLetterIdSchema,
  purchaseIdSchema,
  purchaseNumberStartSchema,
  purchaseSearchSchema,
  shopperIdSchema,
  shopperKeyPattern,
  type DeadLetter,
  type JournalEntry,
  type PurchaseSearchResult,
} from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import { allPurchasesPath, deadLetterPath, recordedPurchasePath } from '../paths.js';
import type { Desk, DeskCaller } from './desk.js';

/** What the desk's search box found. */
export type DeskFindings = {
  purchases: JournalEntry[];
  /** The newest purchase of each customer: it has the customer's number and name. */
  customers: JournalEntry[];
  deadLetters: DeadLetter[];
  /** The page of the one thing that was meant, if nothing else was found. */
  address: string | undefined;
  /** How far a name was searched; undefined if the text cannot be a name. */
  names: Pick<PurchaseSearchResult, 'searched' | 'next'> | undefined;
  /** Why there may be other purchases: many have a number that begins so, or one can only be found together with its customer. */
  others: 'many' | 'shopper-wanted' | undefined;
  /** Whether the purchase-service is older than the desk, and cannot search for a part of this. */
  isPartial: boolean;
};

type Searcher = Pick<Desk, 'purchases' | 'search' | 'deadLetter'>;
type Found = Partial<DeskFindings>;

/**
 * Finds what a text may be: a purchase number or its first characters, a customer number or key, the id of a dead letter, or a name.
 * With a cursor, it only continues the search for the name.
 *
 * @throws AppError like the methods of `Desk`
 */
export async function searchDesk(
  desk: Searcher,
  caller: DeskCaller,
  text: string,
  cursor: string | undefined,
): Promise<DeskFindings> {
  const searches: Promise<Found>[] = [];
  if (cursor === undefined)
    searches.push(
      findPurchase(desk, caller, text),
      findByStart(desk, caller, text),
      findShopper(desk, caller, text),
      findDeadLetter(desk, caller, text),
    );
  // What is exactly meant comes first.
  const all = await Promise.all([...searches, findName(desk, caller, text, cursor)]);
  const customers = new Map(
    all.flatMap(({ customers: some = [] }) => some).map((each) => [each.shopperId, each]),
  );
  const others = all.find((each) => each.others !== undefined)?.others;
  const addresses = all.flatMap(({ address }) => address ?? []);
  const found = {
    purchases: all.flatMap(({ purchases = [] }) => purchases),
    customers: [...customers.values()],
    deadLetters: all.flatMap(({ deadLetters = [] }) => deadLetters),
  };
  const count = found.purchases.length + found.customers.length + found.deadLetters.length;
  return {
    ...found,
    address: count === 1 && others === undefined ? addresses[0] : undefined,
    names: all.find(({ names }) => names !== undefined)?.names,
    others,
    isPartial: all.some(({ isPartial }) => isPartial),
  };
}

async function findPurchase(desk: Searcher, caller: DeskCaller, text: string): Promise<Found> {
  const id = purchaseIdSchema.safeParse(text);
  if (!id.success) return {};
  const page = await unless('shopper-wanted', desk.purchases(caller, { purchaseId: id.data }));
  if (page === undefined) return { others: 'shopper-wanted' };
  return purchasesFound(page.purchases);
}

async function findByStart(desk: Searcher, caller: DeskCaller, text: string): Promise<Found> {
  const start = purchaseNumberStartSchema.safeParse(text);
  if (!start.success) return {};
  const result = await desk.search(caller, { numberStart: start.data });
  if (result === undefined) return { isPartial: true };
  return { ...purchasesFound(result.purchases), ...(result.isComplete ? {} : { others: 'many' }) };
}

function purchasesFound(purchases: JournalEntry[]): Found {
  const [first] = purchases;
  return { purchases, address: first && recordedPurchasePath(first.shopperId, first.purchaseId) };
}

async function findShopper(desk: Searcher, caller: DeskCaller, text: string): Promise<Found> {
  if (!shopperIdSchema.safeParse(text).success) return {};
  const { purchases } = await desk.purchases(caller, { shopperId: text, limit: 1 });
  const [newest] = purchases;
  if (newest === undefined) return {};
  return { customers: [newest], address: allPurchasesPath({ shopper: newest.shopperId }) };
}

async function findDeadLetter(desk: Searcher, caller: DeskCaller, text: string): Promise<Found> {
  const id = deadLetterIdSchema.safeParse(text.toLowerCase());
  if (!id.success) return {};
  const letter = await unless('dead-letter-not-found', desk.deadLetter(caller, id.data));
  return letter === undefined ? {} : { deadLetters: [letter], address: deadLetterPath(letter.id) };
}

/** A name has a letter, and an id is not searched as a name. What is not exactly a name leads nowhere by itself. */
async function findName(
  desk: Searcher,
  caller: DeskCaller,
  text: string,
  cursor: string | undefined,
): Promise<Found> {
  const search = purchaseSearchSchema.safeParse({ name: text, ...(cursor === undefined ? {} : { cursor }) });
  if (!search.success || !/\p{L}/u.test(text) || isId(text)) return {};
  const result = await desk.search(caller, search.data);
  if (result === undefined) return { isPartial: true };
  const { purchases, searched, next } = result;
  return { customers: purchases, names: { searched, next } };
}

function isId(text: string): boolean {
  const ids = [purchaseIdSchema, deadLetterIdSchema];
  const isStart = purchaseNumberStartSchema.safeParse(text).success && /\d/.test(text);
  return (
    isStart || shopperKeyPattern.test(text) || ids.some((id) => id.safeParse(text.toLowerCase()).success)
  );
}

/** What a promise resolves to, or undefined if it rejects with a code. */
async function unless<Value>(code: AppError['code'], promise: Promise<Value>): Promise<Value | undefined> {
  try {
    return await promise;
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === code) return undefined;
    throw thrown;
  }
}
