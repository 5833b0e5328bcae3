import { asciiJson } from './ascii-json.js';
import { LateAppends, type LateAppendsOptions } from './late-appends.js';
import { isErased } from './log-erasure.js';
import { DamagedLogError, LogUnavailableError } from './log-errors.js';
import type { LogStore } from './log-store.js';
import type { LogView } from './log-view.js';
import {
  firstOfEachId,
  settleAs,
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
      pending = (await this.#settleRecordedBefore(view, pending)).filter(
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

  /**
   * Settles the appends whose entries are in the log or were erased, and returns the others. Appends that cannot be checked
   * fail, and do not hold up the others.
   */
  async #settleRecordedBefore(
    view: LogView<Entry>,
    batch: readonly PendingAppend<Entry>[],
  ): Promise<PendingAppend<Entry>[]> {
    const pending = batch.filter((append) => !this.#settleKnown(view, append));
    if (this.#options.definition.duplicates !== 'detected') return pending;
    const isNew = ({ absentSince }: PendingAppend<Entry>) => absentSince === view.gaps;
    const markable = await this.#readMarkers(view, pending, isNew);
    const unchecked = markable.filter((append) => !isNew(append) && !this.#settleKnown(view, append));
    const isMarkerRead = ({ markerReadAt }: PendingAppend<Entry>) => markerReadAt === view.gaps;
    try {
      // Entries on time first: they are usually known to be new without a call.
      for (const append of unchecked) if (!isMarkerRead(append)) await this.#check(view, append);
      for (const append of unchecked) if (isMarkerRead(append)) await this.#check(view, append);
    } catch (cause) {
      // The store would probably fail the other checks as well: only what is known to be new continues.
      for (const append of unchecked) if (!isNew(append)) append.fail(unavailable(cause));
    }
    const left = markable.filter((append) => isNew(append) && !this.#settleKnown(view, append));
    // The view may have met an entry under this id while it looked for another one.
    return left.some((append) => this.#mayBeErased(view, append))
      ? this.#settleRecordedBefore(view, left)
      : left;
  }

  /**
   * Reads the markers of late entries that are not known to be new, unless they were read since the view's last gap. The same
   * call reads what other processes have appended: a writer that has waited for long would otherwise search the log twice. It
   * also shows whether an entry that the view remembers was erased. Fails the appends for which it cannot be read, and returns the
   * others.
   */
  async #readMarkers(
    view: LogView<Entry>,
    pending: readonly PendingAppend<Entry>[],
    isNew: (append: PendingAppend<Entry>) => boolean,
  ): Promise<readonly PendingAppend<Entry>[]> {
    const isUnread = (append: PendingAppend<Entry>) =>
      this.#mayBeErased(view, append) ||
      (!isNew(append) &&
        append.markerReadAt !== view.gaps &&
        this.#late.isLate(append, this.#late.recordedMsAfter(view)));
    const readable: PendingAppend<Entry>[] = [...pending];
    // A second time if the log's last segment is of a time at which other entries are late, too.
    for (;;) {
      const unread = readable.filter(isUnread);
      if (unread.length === 0) return readable;
      try {
        await this.#late.refresh(view, readable, { isChecked: false });
      } catch (cause) {
        if (cause instanceof DamagedLogError) throw cause;
        unread.forEach((append) => {
          append.fail(unavailable(cause));
        });
        return readable.filter((append) => !unread.includes(append));
      }
    }
  }

  /** Looks for an entry in the whole log. Notes that it is new, or settles the append. */
  async #check(view: LogView<Entry>, append: PendingAppend<Entry>): Promise<void> {
    const { definition } = this.#options;
    const { entry, marker } = append;
    const gaps = view.gaps;
    const fingerprint = await view.findFingerprint(
      definition.idOf(entry),
      definition.createdAtMsOf(entry),
      marker,
    );
    if (fingerprint === undefined) append.absentSince = gaps;
    else settleAs(definition, append, fingerprint);
  }

  /** Settles an append if the view has the entry's id or an erasure after it. Returns whether it did. */
  #settleKnown(view: LogView<Entry>, append: PendingAppend<Entry>): boolean {
    const { definition } = this.#options;
    if (isErased(definition, append.entry, view.erasedMs)) append.settle('erased');
    else {
      if (definition.duplicates === 'unchecked') return false;
      const known = view.entryOf(definition.idOf(append.entry));
      if (known === undefined || this.#mayBeErased(view, append)) return false;
      settleAs(definition, append, known.fingerprint);
    }
    return true;
  }

  /**
   * Whether the view may remember an entry under this id that another process has erased since: the new one happened at another
   * time, so it is not a redelivery.
   */
  #mayBeErased(view: LogView<Entry>, { entry, isCaughtUp = false }: PendingAppend<Entry>): boolean {
    const { duplicates, idOf, happenedAtMsOf } = this.#options.definition;
    const known = view.entryOf(idOf(entry));
    return (
      duplicates === 'detected' &&
      !isCaughtUp &&
      known !== undefined &&
      known.happenedMs !== happenedAtMsOf(entry)
    );
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
