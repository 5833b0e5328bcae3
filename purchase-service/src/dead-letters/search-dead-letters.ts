import type { DeadLetter, DeadLetterPage, DeadLetterQuery } from '@unity-purchase/contracts';
import type { DeadLetterRecords, DecidedEntry } from './dead-letter-records.js';
import { describeLetter, stateIn, type LetterFacts } from './describe-letter.js';
import { hasReason, periodOf } from './letter-filter.js';
import type { FindOutcome } from './letter-outcome.js';
import { contentOf } from './stored-letter.js';

/** A page waits at most three seconds for an answer. */
const searchedForMs = 1_500;

/** How many entries of the log one request looks at. Each hundred of them takes two calls. */
const entriesMax = 1_000;

/** How many dead letters one request reads: their purchases are looked up, in a few calls each. */
const lettersMax = 200;

/** How many entries a filtered search reads at once, and how many dead letters at once. */
const entriesAtOnce = 100;
const lettersAtOnce = 10;

type Dependencies = {
  records: Pick<DeadLetterRecords, 'newestFirst' | 'readAll'>;
  findOutcome: FindOutcome;
  now: () => Date;
};

/**
 * A page of the dead letters that a query selects, newest first. Whether a purchase was recorded since is looked up for each one, so a
 * request looks at a limited number and says how far it got: see `deadLetterPageSchema`.
 *
 * @throws InvalidCursorError if the cursor does not come from a list of the dead letters, or the store's error
 */
export type SearchDeadLetters = (query: DeadLetterQuery, signal?: AbortSignal) => Promise<DeadLetterPage>;

export function createSearchDeadLetters({ records, findOutcome, now }: Dependencies): SearchDeadLetters {
  const describe = async (
    entries: readonly DecidedEntry[],
    signal: AbortSignal | undefined,
  ): Promise<DeadLetter[]> => {
    const stored = await records.readAll(
      entries.map(({ entry }) => entry.id),
      signal,
    );
    return Promise.all(
      entries.map(async ({ entry }, index) => {
        const facts: LetterFacts = stored[index] ?? {};
        const content = facts.letter && contentOf(facts.letter);
        // An erasure may have deleted it meanwhile.
        if (facts.letter === undefined || content === undefined) return describeLetter(entry, facts);
        const outcome = await findOutcome(facts.letter, content, signal);
        return describeLetter(entry, { ...facts, content, outcome });
      }),
    );
  };

  return async ({ limit, cursor, list, ...filter }, signal) => {
    const isFiltered = list !== undefined || Object.values(filter).some((value) => value !== undefined);
    const endMs = now().getTime() + searchedForMs;
    const found = new Map<string, DeadLetter>();
    let [looked, read] = [0, 0];
    let searchedTo: string | undefined;
    const isSpent = () => looked >= entriesMax || read >= lettersMax || now().getTime() >= endMs;
    const page = (next?: string): DeadLetterPage => ({
      deadLetters: [...found.values()],
      ...(next === undefined ? {} : { next }),
      ...(next === undefined || searchedTo === undefined || found.size >= limit ? {} : { searchedTo }),
    });

    const size = isFiltered ? entriesAtOnce : limit;
    for await (const { entries, ...part } of records.newestFirst(cursor, size, periodOf(filter))) {
      looked += part.looked;
      const open = entries.filter(
        ({ entry, decision }) => hasReason(entry, filter) && mayBeOnList(decision, list),
      );
      for (let index = 0; index < open.length;) {
        const some = open.slice(index, index + Math.min(lettersAtOnce, limit - found.size));
        index += some.length;
        read += some.length;
        for (const letter of await describe(some, signal))
          if (isOnList(letter, list)) found.set(letter.id, letter);
        const end = some.at(-1);
        searchedTo = end?.entry.arrivedAt ?? searchedTo;
        const isEndOfPart = index >= open.length;
        if (found.size >= limit || (!isEndOfPart && isSpent()))
          return page(isEndOfPart ? part.next : end?.next);
      }
      searchedTo = entries.at(-1)?.entry.arrivedAt ?? searchedTo;
      if (part.next !== undefined && isSpent()) return page(part.next);
    }
    return page();
  };
}

/** Whether a list can have a dead letter with this decision. */
function mayBeOnList(decision: DecidedEntry['decision'], list: DeadLetterQuery['list']): boolean {
  return list === undefined || list === 'recorded' || list === stateIn(decision);
}

/** Whether a list has a dead letter. One whose purchase is recorded is on no other list. */
function isOnList({ recordedAt, state }: DeadLetter, list: DeadLetterQuery['list']): boolean {
  if (list === undefined) return true;
  return list === (recordedAt === undefined ? state : 'recorded');
}
