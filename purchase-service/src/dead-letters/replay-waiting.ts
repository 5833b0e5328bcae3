import type { DeadLetterReplays, ReplayFailure } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import type { DeadLetterRecords, StoredLetter } from './dead-letter-records.js';
import { stateIn } from './describe-letter.js';
import { hasReason, periodOf, type LetterFilter } from './letter-filter.js';
import type { FindOutcome } from './letter-outcome.js';
import { contentOf } from './stored-letter.js';

/**
 * How many entries of the log one request looks at, and for how long. Then it may still wait five seconds for the broker; the desk waits
 * ten for the answer, and the command fifteen.
 */
const lookedMax = 2_000;
const lookedForMs = 2_000;

type Dependencies = {
  records: Pick<DeadLetterRecords, 'oldestFirst' | 'read' | 'countAfter'>;
  replay: (id: string) => Promise<unknown>;
  findOutcome: FindOutcome;
  now: () => Date;
};

export type ReplayWaitingOptions = {
  limit: number;
  cursor?: string | undefined;
  filter?: LetterFilter;
  /** Called before each replay, with the id of the dead letter. */
  before: (id: string) => Promise<void>;
  /** Aborting it ends the work before the next dead letter. */
  signal?: AbortSignal | undefined;
};

/**
 * Replays the dead letters that wait and can be replayed, oldest first, starting after a cursor. It ends after a number of them or after
 * two seconds, so that a request ends in time. What was replayed does not wait any more, so starting from the beginning again is safe.
 *
 * If the broker does not acknowledge an event, it ends and returns what it did before that; the next request starts with that event.
 *
 * @throws InvalidCursorError if the cursor does not come from here, or AppError `dead-letter-not-published` if that happened at once
 */
export type ReplayWaiting = (options: ReplayWaitingOptions) => Promise<DeadLetterReplays>;

type Result = 'replayed' | 'recorded' | 'gone' | ReplayFailure;

export function createReplayWaiting({ records, replay, findOutcome, now }: Dependencies): ReplayWaiting {
  const replayOne = async (id: string, { before, signal }: ReplayWaitingOptions): Promise<Result> => {
    const stored = await records.read(id);
    // It was erased, or someone decided about it meanwhile.
    if (stored.letter === undefined || stateIn(stored.decision) !== 'waiting') return 'gone';
    const reason = await whyNot(stored.letter, signal);
    if (reason !== undefined) return reason;
    await before(id);
    try {
      await replay(id);
      return 'replayed';
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === 'dead-letter-not-found') return 'gone';
      throw thrown;
    }
  };

  /** Why a replay cannot get the purchase of a dead letter recorded, or need not. */
  const whyNot = async (
    letter: NonNullable<StoredLetter['letter']>,
    signal: AbortSignal | undefined,
  ): Promise<Result | undefined> => {
    const content = contentOf(letter);
    const { recordedAt, superseded } = await findOutcome(letter, content, signal);
    if (recordedAt !== undefined) return 'recorded';
    if (superseded === true || letter.reason === 'contradicts-record') return 'superseded';
    if (letter.truncated !== undefined) return 'truncated';
    return content.event === undefined ? 'invalid' : undefined;
  };

  return async (options) => {
    const { limit, cursor, filter = {}, signal } = options;
    const period = periodOf(filter);
    const [failures, counts] = [
      [] as NonNullable<DeadLetterReplays['failures']>,
      { replayed: 0, recorded: 0 },
    ];
    const answer = async (next?: string): Promise<DeadLetterReplays> => ({
      ...counts,
      notReplayable: failures.length,
      failures,
      left: next === undefined ? 0 : await records.countAfter(next, period),
      ...(next === undefined ? {} : { next }),
    });
    const endMs = now().getTime() + lookedForMs;
    let looked = 0;
    let doneUpTo = cursor;
    for await (const { entry, decision, next } of records.oldestFirst(cursor, period)) {
      signal?.throwIfAborted();
      looked += 1;
      if (stateIn(decision) === 'waiting' && hasReason(entry, filter)) {
        let result: Result;
        try {
          result = await replayOne(entry.id, options);
        } catch (thrown) {
          const isUnpublished = thrown instanceof AppError && thrown.code === 'dead-letter-not-published';
          if (!isUnpublished || doneUpTo === cursor) throw thrown;
          return answer(doneUpTo);
        }
        if (result === 'replayed' || result === 'recorded') counts[result] += 1;
        else if (result !== 'gone') failures.push({ id: entry.id, why: result });
      }
      doneUpTo = next;
      const isEnough = counts.replayed + counts.recorded + failures.length >= limit || looked >= lookedMax;
      if (isEnough || now().getTime() >= endMs) return answer(next);
    }
    return answer();
  };
}
