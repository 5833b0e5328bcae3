import { rewrite, type ErasableLog } from './log-erasure.js';
import { LogUnavailableError } from './log-errors.js';
import { inspectLog, withEntries } from './log-inspection.js';
import { areEqualTotals, mergeTotals, noTotals, totalsSince, type RunningTotals } from './running-totals.js';
import { encodeSegment, isErasure, type Segment } from './segment.js';
import { lineageAfter, newAttempt } from './segment-lineage.js';
import { hintInterval } from './segment-reader.js';

/** How a damaged log is repaired. */
export type RepairOptions = {
  /**
   * Whether segments that cannot be read are replaced. Their content is lost then. Without it, a log with such a segment is not
   * repaired: a newer version may have written it.
   */
  replacesUnreadable: boolean;
  /**
   * `entries`: all totals are calculated again from the entries that are left. `kept`: the totals also count entries that were erased
   * one by one, so only what was lost is subtracted, and only at the end of the log.
   */
  totals: 'entries' | 'kept';
};

/** Concurrent writers win the race for a number at most this often in a row. */
const attemptsMax = 100;

/** A log as a survey found it. */
type Survey<Entry> = {
  /** The number of the last segment, whether or not it can be read. 0 for an empty log. */
  lastNumber: number;
  last: Segment<Entry> | undefined;
  /** The number of the last segment that marks an erasure, or 0. */
  lastErasure: number;
  /** The totals of the entries since the last erasure. */
  totals: RunningTotals;
  /** What missing and unreadable segments contained, by the totals on both sides. */
  lost: RunningTotals;
  isHintUnreadable: boolean;
  hasUnreadable: boolean;
};

/**
 * Makes a damaged log usable again. In place of each missing or unreadable segment it puts one whose only entry is erased, so that
 * numbers and positions stay. What was in it has to be appended again.
 *
 * Then it appends such a segment with the right totals to the end. Every other writer loses the race for that number, and continues
 * with these totals. At last, the totals before it are corrected. If it is interrupted, repeating it repairs the rest, except that
 * with `totals: 'kept'` the totals then still count what was lost: it cannot be calculated once the gaps are filled.
 *
 * Returns false if it changed nothing, because a segment cannot be read and is not to be replaced.
 *
 * @throws LogUnavailableError if it could not repair everything
 */
export async function repairLog<Entry>(
  log: ErasableLog<Entry>,
  now: Date,
  { replacesUnreadable, totals }: RepairOptions,
): Promise<boolean> {
  const { store, reader } = log;
  const before = await surveyLog(log);
  if (before.hasUnreadable && !replacesUnreadable) return false;
  await fillGaps(log, now);
  if (before.isHintUnreadable) {
    const hinted = before.lastNumber - (before.lastNumber % hintInterval);
    if (hinted === 0) await store.delete(reader.hintKey);
    else await store.save(reader.hintKey, reader.hintOf(hinted).value);
  }
  if (before.lastNumber === 0) return true;
  const survey = await appendTotals(log, now, (end) =>
    totals === 'entries' ? end.totals : totalsSince(before.lost, end.last?.totals ?? noTotals),
  );
  if (totals === 'entries') await correctTotals(log, survey.lastNumber);
  return true;
}

async function surveyLog<Entry>({ reader, definition }: ErasableLog<Entry>): Promise<Survey<Entry>> {
  const survey: Survey<Entry> = {
    lastNumber: 0,
    last: undefined,
    lastErasure: 0,
    totals: noTotals,
    lost: noTotals,
    isHintUnreadable: false,
    hasUnreadable: false,
  };
  for await (const { segments, damages, next } of inspectLog(reader, 1)) {
    const damaged = new Set(damages.map(({ segment }) => segment));
    for (const segment of segments) {
      const { number, entries, totals } = segment;
      // Some of its own entries are erased: then the totals do not tell.
      if (number > 1 && damaged.has(number - 1) && !entries.includes(null)) {
        const known = withEntries(definition, survey.last?.totals ?? noTotals, segment);
        survey.lost = mergeTotals(survey.lost, totalsSince(known, totals));
      }
      if (isErasure(segment)) survey.lastErasure = number;
      survey.totals = isErasure(segment) ? noTotals : withEntries(definition, survey.totals, segment);
      survey.last = segment;
    }
    survey.isHintUnreadable ||= damaged.has(0);
    survey.hasUnreadable ||= damages.some(({ segment, damage }) => segment > 0 && damage === 'unreadable');
    survey.lastNumber = next - 1;
  }
  return survey;
}

/** Puts a segment in place of each one that is missing or unreadable. */
async function fillGaps<Entry>(log: ErasableLog<Entry>, now: Date): Promise<void> {
  const { store, reader } = log;
  let previous: Segment<Entry> | undefined;
  for await (const { segments, damages, first, next } of inspectLog(reader, 1)) {
    const filled: number[] = [];
    const readable = new Map(segments.map((segment) => [segment.number, segment]));
    const damaged = new Map(damages.map(({ segment, damage }) => [segment, damage]));
    for (let number = first; number < next; number += 1) {
      const segment =
        readable.get(number) ?? fillerAfter(log, previous, { number, now: timeOf(segments) ?? now });
      if (!readable.has(number)) {
        const text = encodeSegment(segment);
        const key = reader.keyOf(number);
        filled.push(number);
        if (damaged.get(number) === 'missing') await store.createIfAbsent(key, text);
        else await store.update(key, (current) => (isReadable(log, number, current) ? undefined : text));
      }
      previous = segment;
    }
    await requireReadable(log, filled);
  }
}

/** A create that says false may have failed. @throws LogUnavailableError unless these segments can be read now */
async function requireReadable<Entry>(
  { reader }: ErasableLog<Entry>,
  numbers: readonly number[],
): Promise<void> {
  if (numbers.length === 0) return;
  const { segments } = await reader.inspect(numbers);
  const lacking = numbers.find((number) => !segments.has(number));
  if (lacking !== undefined) throw new LogUnavailableError(`segment ${lacking} could not be filled`);
}

/** When the first of these segments was recorded. */
function timeOf([first]: readonly Segment<unknown>[]): Date | undefined {
  return first && new Date(first.recordedAt);
}

/** Appends a segment without entries and with the right totals. Returns the log as it was before. */
async function appendTotals<Entry>(
  log: ErasableLog<Entry>,
  now: Date,
  totalsAt: (end: Survey<Entry>) => RunningTotals,
): Promise<Survey<Entry>> {
  const { store, reader } = log;
  for (let attempt = 1; ; attempt += 1) {
    const survey = await surveyLog(log);
    const number = survey.lastNumber + 1;
    const filler = { ...fillerAfter(log, survey.last, { number, now }), totals: totalsAt(survey) };
    const result = await store.createIfAbsent(reader.keyOf(number), encodeSegment(filler));
    if (result.created) return survey;
    const existing = (await reader.inspect([number])).segments.get(number);
    // The create succeeded and only its response was lost.
    if (existing?.attempt === filler.attempt) return survey;
    if (existing === undefined || attempt === attemptsMax)
      throw new LogUnavailableError('the log could not be repaired', { cause: result.cause });
  }
}

/**
 * Corrects the totals from the last erasure up to the end that was surveyed. An erasure or a forgetting of entries can run
 * meanwhile. What it has changed since the segments were read is not overwritten, but read again.
 */
async function correctTotals<Entry>(log: ErasableLog<Entry>, lastNumber: number): Promise<void> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1)
    if (await correctUnchanged(log, lastNumber)) return;
  throw new LogUnavailableError('the totals could not be corrected: the log changes all the time');
}

/** Corrects totals up to the first segment that has changed since it was read. Returns false if there is one. */
async function correctUnchanged<Entry>(log: ErasableLog<Entry>, lastNumber: number): Promise<boolean> {
  const { lastErasure } = await surveyLog(log);
  let totals = noTotals;
  for await (const { segments } of inspectLog(log.reader, lastErasure + 1))
    for (const segment of segments) {
      if (segment.number > lastNumber) return true;
      totals = withEntries(log.definition, totals, segment);
      if (areEqualTotals(totals, segment.totals)) continue;
      const read = encodeSegment(segment);
      const right = totals;
      const found = { isUnchanged: true };
      await rewrite(log, segment.number, (current) => {
        found.isUnchanged = encodeSegment(current) === read;
        return found.isUnchanged ? { ...current, totals: right } : current;
      });
      if (!found.isUnchanged) return false;
    }
  return true;
}

/** A segment without anything in it, to follow another one. An empty list of entries would mark an erasure. */
function fillerAfter<Entry>(
  { definition }: ErasableLog<Entry>,
  previous: Segment<Entry> | undefined,
  { number, now }: { number: number; now: Date },
): Segment<Entry> {
  const recordedAt = now.toISOString();
  return {
    number,
    recordedAt: previous !== undefined && previous.recordedAt > recordedAt ? previous.recordedAt : recordedAt,
    attempt: newAttempt(lineageAfter(previous, definition)),
    entries: [null],
    totals: previous?.totals ?? noTotals,
  };
}

function isReadable<Entry>({ reader }: ErasableLog<Entry>, number: number, text: string): boolean {
  try {
    reader.decode(number, text);
    return true;
  } catch {
    return false;
  }
}
