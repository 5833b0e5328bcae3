import { asciiJson } from './ascii-json.js';
import { DuplicateCheck } from './duplicate-check.js';
import { LateAppends, type LateAppendsOptions } from './late-appends.js';
import { DamagedLogError, LogUnavailableError } from './log-errors.js';
import type { LogStore } from './log-store.js';
import type { LogView } from './log-view.js';
import {
  firstOfEachId,
  settleBeyond,
  settleRecorded,
  unavailable,
  type AppendOutcome,
  type PendingAppend,
  type PlacedOutcome,
} from './pending-append.js';
import { newAttempt } from './segment-lineage.js';
import { hintInterval } from './segment-reader.js';
import {
  encodeSegment,
  nextSegment,
  segmentBytesMax,
  segmentEntriesMax,
  wireBytes,
  type Segment,
} from './segment.js';

/** If another process also appends to the log, a place is taken from memory for this long after the last contact with the log. */
const placeFreshMs = 5_000;

/** After losing the race for a number this often in a row, an append fails. Other writers make progress meanwhile. */
const attemptsMax = 100;

/** Far more entries than deliveries are in flight. Beyond it, those that were given up would fill the memory. */
const pendingMax = 10_000;

type PendingPlace = { settle: (place: number) => void; fail: (error: unknown) => void };

export type LogWriterOptions<Entry> = LateAppendsOptions<Entry> & { store: LogStore };

/**
 * Appends to one log by creating its next segment. A writer that loses the race for a number reads the log back and tries
 * the next number. Entries that arrive during a write share the next segment.
 *
 * A create that was refused, timed out or lost its response is handled the same way: the writer reads the log back. Then
 * either this attempt is there, or another writer's segment is, or neither, in which case the store failed.
 */
export class LogWriter<Entry> {
  readonly #options: LogWriterOptions<Entry>;
  readonly #late: LateAppends<Entry>;
  readonly #duplicates: DuplicateCheck<Entry>;
  #view: LogView<Entry> | undefined;
  #pending: PendingAppend<Entry>[] = [];
  #waiting: PendingPlace[] = [];
  #isWriting = false;
  #contactMs = -Infinity;
  /** Whether another process has appended since this writer knows the log. */
  #isShared = false;

  constructor(options: LogWriterOptions<Entry>) {
    this.#options = options;
    this.#late = new LateAppends(options);
    this.#duplicates = new DuplicateCheck(options.definition, this.#late);
  }

  /** Whether no append is waiting or in progress. */
  get isIdle(): boolean {
    return !this.#isWriting;
  }

  /** Appends an entry once. @throws LogUnavailableError, also if too many entries are waiting */
  append(entry: Entry): Promise<AppendOutcome> {
    // Without a last segment, no entry is beyond it.
    return this.appendUpTo(entry, Infinity) as Promise<AppendOutcome>;
  }

  /** Appends an entry once, in a segment up to this number. @throws LogUnavailableError */
  appendUpTo(entry: Entry, lastNumber: number): Promise<PlacedOutcome> {
    return new Promise((settle, fail) => {
      if (this.#pending.length >= pendingMax) throw new LogUnavailableError('too many entries are waiting');
      this.#pending.push({ entry, bytes: wireBytes(asciiJson(entry as object)), settle, fail, lastNumber });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  /**
   * The number after the last segment that this process knows, for an entry that is appended soon. It reads the log if nothing is
   * known of it, or not recently although another process also appends. @throws LogUnavailableError
   */
  place(): Promise<number> {
    // Reading the log while a segment is being created would make the view count that segment twice.
    if (this.#view !== undefined && (this.#isWriting || this.#isFresh()))
      return Promise.resolve(this.#view.lastNumber + 1);
    return new Promise((settle, fail) => {
      if (this.#waiting.length >= pendingMax) throw new LogUnavailableError('too many entries are waiting');
      this.#waiting.push({ settle, fail });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  /** How many ids and segments the writer remembers. */
  get size(): number {
    return this.#view?.size ?? 0;
  }

  /** Reads the log's tail, so that the first append need not. If that fails, the first append reads it. Never rejects. */
  async prepare(): Promise<void> {
    if (this.#isWriting || this.#view !== undefined) return;
    this.#isWriting = true;
    // Appends that arrive meanwhile wait for it.
    this.#view = await this.#late.load([]).catch(() => undefined);
    await this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#pending.length > 0 || this.#waiting.length > 0) {
      if (this.#waiting.length > 0) await this.#findPlaces();
      const batch = this.#takeBatch();
      if (batch.length === 0) continue;
      try {
        await this.#write(batch);
        this.#contactMs = this.#options.now().getTime();
      } catch (cause) {
        // What the view knows stays true when the store fails, so the next append continues from there.
        if (cause instanceof DamagedLogError) this.#view = undefined;
        batch.forEach(({ fail }) => {
          fail(unavailable(cause));
        });
      }
      this.#view?.trim();
    }
    this.#isWriting = false;
  }

  /** Whether the end of the log that this process knows is probably still the end. */
  #isFresh(): boolean {
    return !this.#isShared || this.#options.now().getTime() - this.#contactMs <= placeFreshMs;
  }

  async #findPlaces(): Promise<void> {
    const waiting = this.#waiting.splice(0);
    try {
      if (this.#view === undefined) this.#view = await this.#late.load([]);
      else if (!this.#isFresh()) await this.#late.refresh(this.#view, [], { isChecked: true });
      this.#contactMs = this.#options.now().getTime();
      for (const { settle } of waiting) settle(this.#view.lastNumber + 1);
    } catch (cause) {
      if (cause instanceof DamagedLogError) this.#view = undefined;
      for (const { fail } of waiting) fail(unavailable(cause));
    }
  }

  /** Takes as many entries as fit into one segment, in the order of their arrival, and at least one. */
  #takeBatch(): PendingAppend<Entry>[] {
    let bytes = 0;
    let count = 0;
    for (const append of this.#pending) {
      bytes += append.bytes;
      if (count > 0 && (bytes > segmentBytesMax || count === segmentEntriesMax)) break;
      count += 1;
    }
    return this.#pending.splice(0, count);
  }

  async #write(batch: PendingAppend<Entry>[]): Promise<void> {
    const { definition } = this.#options;
    const view = (this.#view ??= await this.#late.load(batch));
    let pending = batch;
    for (let attempt = 1; ; attempt += 1) {
      pending = (await this.#duplicates.settleRecordedBefore(view, pending)).filter(
        (append) => !settleBeyond(view.lastNumber, append),
      );
      const recordedMs = this.#late.recordedMsAfter(view);
      pending = await this.#late.mark(view, pending, recordedMs);
      if (pending.length === 0) return;
      const entries = firstOfEachId(definition, pending);
      const segment = this.#nextSegment(view, entries, recordedMs);
      const failure = await this.#create(view, segment);
      // Read the log back: the create may have succeeded although only its response was lost.
      const existing = failure && (await this.#late.refresh(view, pending, { isChecked: true }));
      if (failure === undefined || existing?.attempt === segment.attempt) {
        await this.#late.unmarkBeyond(pending, segment.number);
        settleRecorded(definition, pending, entries);
        return;
      }
      if (existing === undefined) throw failure;
      this.#isShared = true;
      if (attempt === attemptsMax)
        throw new Error(`lost the race for a segment number ${attemptsMax} times`, { cause: failure });
    }
  }

  #nextSegment(view: LogView<Entry>, entries: readonly Entry[], recordedMs: number): Segment<Entry> {
    const irregularTo = recordedMs < view.recordedMs ? view.lastNumber : view.lineage.irregularTo;
    return nextSegment(this.#options.definition, view, {
      attempt: newAttempt({ ...view.lineage, irregularTo }),
      recordedAt: new Date(recordedMs).toISOString(),
      entries,
    });
  }

  /** Creates the segment, and stores the tail hint in the same call when it is due. Returns why the segment may not have been created. */
  async #create(view: LogView<Entry>, segment: Segment<Entry>): Promise<Error | undefined> {
    const { store, reader } = this.#options;
    // The hint is of the segment before, which certainly exists, and costs no call of its own.
    const { lastNumber } = view;
    const isHintDue = lastNumber > 0 && lastNumber % hintInterval === 0;
    const result = await store.createIfAbsent(
      reader.keyOf(segment.number),
      encodeSegment(segment),
      isHintDue ? reader.hintOf(lastNumber) : undefined,
    );
    if (!result.created)
      return new Error(`segment ${segment.number} was not created`, { cause: result.cause });
    view.append(segment);
    return undefined;
  }
}
