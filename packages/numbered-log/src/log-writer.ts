import { asciiJson } from './ascii-json.js';
import type { LogDefinition } from './log-definition.js';
import { isLate, type LateMarkers } from './late-markers.js';
import { isErased } from './log-erasure.js';
import { DamagedLogError, LogUnavailableError } from './log-errors.js';
import type { LogStore } from './log-store.js';
import { clockDifferenceMaxMs, LogView } from './log-view.js';
import { newAttempt } from './segment-lineage.js';
import { hintInterval, type SegmentReader } from './segment-reader.js';
import {
  encodeSegment,
  nextSegment,
  segmentBytesMax,
  segmentEntriesMax,
  wireBytes,
  type Segment,
} from './segment.js';

/**
 * `recorded`: the entry is new and was appended. `duplicate`: the log already has it. `conflict`: the log has other content
 * under its id. `erased`: it happened before the log was erased and is not recorded again.
 */
export type AppendOutcome = 'recorded' | 'duplicate' | 'conflict' | 'erased';

/** After losing the race for a number this often in a row, an append fails. Other writers make progress meanwhile. */
const attemptsMax = 100;

/** Far more entries than deliveries are in flight. Beyond it, those that were given up would fill the memory. */
const pendingMax = 10_000;

type PendingAppend<Entry> = {
  entry: Entry;
  bytes: number;
  settle: (outcome: AppendOutcome) => void;
  fail: (error: unknown) => void;
  /** The entry's marker when it was last read, if it existed. */
  marker?: number | undefined;
  /**
   * The `gaps` of the view when the entry was found to be in no segment. As long as the view has no new gap, it has seen every
   * later segment.
   */
  absentSince?: number;
};

export type LogWriterOptions<Entry> = {
  store: LogStore;
  reader: SegmentReader<Entry>;
  markers: LateMarkers;
  definition: LogDefinition<Entry>;
  now: () => Date;
};

/**
 * Appends to one log by creating its next segment. A writer that loses the race for a number reads the log back and tries
 * the next number. Entries that arrive during a write share the next segment.
 *
 * A create that was refused, timed out or lost its response is handled the same way: the writer reads the log back. Then
 * either this attempt is there, or another writer's segment is, or neither, in which case the store failed.
 */
export class LogWriter<Entry> {
  readonly #options: LogWriterOptions<Entry>;
  #view: LogView<Entry> | undefined;
  #pending: PendingAppend<Entry>[] = [];
  #isWriting = false;

  constructor(options: LogWriterOptions<Entry>) {
    this.#options = options;
  }

  /** Whether no append is waiting or in progress. */
  get isIdle(): boolean {
    return !this.#isWriting;
  }

  /** Appends an entry once. @throws LogUnavailableError, also if too many entries are waiting */
  append(entry: Entry): Promise<AppendOutcome> {
    return new Promise((settle, fail) => {
      if (this.#pending.length >= pendingMax) throw new LogUnavailableError('too many entries are waiting');
      this.#pending.push({ entry, bytes: wireBytes(asciiJson(entry as object)), settle, fail });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  /** How many ids and segments the writer remembers. */
  get size(): number {
    return this.#view?.size ?? 0;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#pending.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#write(batch);
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
    const view = (this.#view ??= await this.#loadView(batch));
    let pending = batch;
    for (let attempt = 1; ; attempt += 1) {
      pending = await this.#settleRecordedBefore(view, pending);
      const recordedMs = this.#recordedMsAfter(view);
      pending = await this.#markLate(view, pending, recordedMs);
      if (pending.length === 0) return;
      const entries = firstOfEachId(pending, this.#options.definition);
      const segment = this.#nextSegment(view, entries, recordedMs);
      const failure = await this.#create(view, segment);
      // Read the log back: the create may have succeeded although only its response was lost.
      const existing = failure && (await view.refresh());
      if (failure === undefined || existing?.attempt === segment.attempt) {
        this.#settleRecorded(pending, entries);
        return;
      }
      if (existing === undefined) throw failure;
      if (attempt === attemptsMax)
        throw new Error(`lost the race for a segment number ${attemptsMax} times`, { cause: failure });
    }
  }

  #loadView(batch: readonly PendingAppend<Entry>[]): Promise<LogView<Entry>> {
    const { reader, definition, now } = this.#options;
    const nowMs = now().getTime();
    const isForOldId = batch.some((append) => this.#isLate(append, nowMs));
    return LogView.load(reader, definition, now, isForOldId);
  }

  /** When the next segment is recorded. Times never decrease, unless the clock of the last writer was wrong. */
  #recordedMsAfter(view: LogView<Entry>): number {
    const nowMs = this.#options.now().getTime();
    return view.recordedMs > nowMs + clockDifferenceMaxMs ? nowMs : Math.max(nowMs, view.recordedMs);
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
    if (this.#options.definition.duplicates === 'tolerated') return pending;
    const isNew = ({ absentSince }: PendingAppend<Entry>) => absentSince === view.gaps;
    const unchecked = pending.filter((append) => !isNew(append));
    const recordedMs = this.#recordedMsAfter(view);
    const late = unchecked.filter((append) => this.#isLate(append, recordedMs));
    try {
      // Entries on time first: they are usually known to be new without a call.
      for (const append of unchecked) if (!late.includes(append)) await this.#check(view, append);
      await this.#readMarkers(late);
      for (const append of late) await this.#check(view, append);
    } catch (cause) {
      // The store would probably fail the other checks as well: only what is known to be new continues.
      for (const append of unchecked) if (!isNew(append)) append.fail(unavailable(cause));
    }
    return pending.filter((append) => isNew(append) && !this.#settleKnown(view, append));
  }

  /** Whether an append needs a marker if it is recorded at a time, in milliseconds since the epoch. */
  #isLate({ entry }: PendingAppend<Entry>, recordedMs: number): boolean {
    const { duplicates, createdAtMsOf } = this.#options.definition;
    return duplicates === 'detected' && isLate(createdAtMsOf(entry), recordedMs);
  }

  /** Reads the markers of late entries. Markers must not be older than the view. */
  async #readMarkers(late: readonly PendingAppend<Entry>[]): Promise<void> {
    const { definition, markers } = this.#options;
    const found = await markers.read(late.map(({ entry }) => definition.idOf(entry)));
    for (const append of late) append.marker = found.get(definition.idOf(append.entry));
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
    else this.#settleAs(append, fingerprint);
  }

  /** Creates the markers of entries that are recorded late. Fails the appends whose marker cannot be created. */
  async #markLate(
    view: LogView<Entry>,
    pending: readonly PendingAppend<Entry>[],
    recordedMs: number,
  ): Promise<PendingAppend<Entry>[]> {
    const { definition, markers } = this.#options;
    const results = await Promise.allSettled(
      pending.map(async (append) => {
        if (!this.#isLate(append, recordedMs)) return;
        const id = definition.idOf(append.entry);
        append.marker = await markers.place(id, view.lastNumber + 1, append.marker);
      }),
    );
    return pending.filter((append, index) => {
      const result = results[index];
      if (result?.status === 'rejected') append.fail(unavailable(result.reason));
      return result?.status === 'fulfilled';
    });
  }

  /** Settles an append if the view has the entry's id or an erasure after it. Returns whether it did. */
  #settleKnown(view: LogView<Entry>, append: PendingAppend<Entry>): boolean {
    const { definition } = this.#options;
    if (isErased(definition, append.entry, view.erasedMs)) append.settle('erased');
    else {
      const fingerprint = view.fingerprintOf(definition.idOf(append.entry));
      if (fingerprint === undefined) return false;
      this.#settleAs(append, fingerprint);
    }
    return true;
  }

  #settleAs({ entry, settle }: PendingAppend<Entry>, recorded: string): void {
    settle(recorded === this.#options.definition.fingerprintOf(entry) ? 'duplicate' : 'conflict');
  }

  /** Creates the segment, and stores the tail hint when it is due. Returns why the segment may not have been created. */
  async #create(view: LogView<Entry>, segment: Segment<Entry>): Promise<Error | undefined> {
    const { store, reader } = this.#options;
    const result = await store.createIfAbsent(reader.keyOf(segment.number), encodeSegment(segment));
    if (!result.created)
      return new Error(`segment ${segment.number} was not created`, { cause: result.cause });
    view.append(segment);
    // A lost hint only costs the next reader a longer probe.
    if (segment.number % hintInterval === 0) await reader.writeHint(segment.number).catch(() => undefined);
    return undefined;
  }

  /** Settles a batch that was recorded. The first entry with an id is recorded, later ones are compared with it. */
  #settleRecorded(batch: readonly PendingAppend<Entry>[], recorded: readonly Entry[]): void {
    const { definition } = this.#options;
    const recordedById = new Map(recorded.map((entry) => [definition.idOf(entry), entry]));
    for (const { entry, settle } of batch) {
      const first = recordedById.get(definition.idOf(entry));
      if (first === entry) settle('recorded');
      else if (first !== undefined && definition.fingerprintOf(first) === definition.fingerprintOf(entry))
        settle('duplicate');
      else settle('conflict');
    }
  }
}

function unavailable(cause: unknown): LogUnavailableError {
  return new LogUnavailableError('the log cannot be read or written', { cause });
}

/** The entries in their order, without those whose id came before. */
function firstOfEachId<Entry>(
  appends: readonly PendingAppend<Entry>[],
  definition: LogDefinition<Entry>,
): Entry[] {
  const first = new Map<string, Entry>();
  for (const { entry } of appends) {
    const id = definition.idOf(entry);
    if (!first.has(id)) first.set(id, entry);
  }
  return [...first.values()];
}
