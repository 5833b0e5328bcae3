import { randomUUID } from 'node:crypto';
import { asciiJson } from './ascii-json.js';
import type { LogDefinition } from './log-definition.js';
import { LogUnavailableError } from './log-errors.js';
import type { LogStore } from './log-store.js';
import { LogView } from './log-view.js';
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

/** The outcome of an append as far as memory knows. `unknown` means that only the store can tell. */
export type PredictedOutcome = AppendOutcome | 'unknown';

/** After losing the race for a number this often in a row, an append fails. Other writers make progress meanwhile. */
const attemptsMax = 100;

type PendingAppend<Entry> = {
  entry: Entry;
  bytes: number;
  settle: (outcome: AppendOutcome) => void;
  fail: (error: unknown) => void;
};

export type LogWriterOptions<Entry> = {
  store: LogStore;
  reader: SegmentReader<Entry>;
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

  /** Appends an entry once. @throws LogUnavailableError */
  append(entry: Entry): Promise<AppendOutcome> {
    return new Promise((settle, fail) => {
      this.#pending.push({ entry, bytes: wireBytes(asciiJson(entry as object)), settle, fail });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  /** Predicts the outcome of an append without asking the store. */
  predictOutcome(entry: Entry): PredictedOutcome {
    const { definition } = this.#options;
    if (this.#view?.reachesBackTo(definition.createdAtMsOf(entry)) !== true) return 'unknown';
    return this.#knownOutcome(this.#view, entry) ?? 'recorded';
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#pending.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#write(batch);
        this.#view?.trim(this.#options.now().getTime());
      } catch (cause) {
        // The view may no longer match the store: the next append loads it again.
        this.#view = undefined;
        const error = new LogUnavailableError('the log cannot be read or written', { cause });
        batch.forEach(({ fail }) => {
          fail(error);
        });
      }
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
    const { reader, definition, now } = this.#options;
    const view = (this.#view ??= await LogView.load(reader, definition));
    let pending = batch;
    for (let attempt = 1; ; attempt += 1) {
      pending = await this.#settleKnown(view, pending);
      if (pending.length === 0) return;
      const entries = firstOfEachId(pending, definition);
      const recordedAt = now().toISOString();
      const segment = nextSegment(definition, view, { attempt: randomUUID(), recordedAt, entries });
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

  /** Settles the appends whose outcome the view knows, and returns the others. */
  async #settleKnown(view: LogView<Entry>, pending: PendingAppend<Entry>[]): Promise<PendingAppend<Entry>[]> {
    const { definition } = this.#options;
    if (definition.duplicates === 'detected')
      await view.loadBackTo(Math.min(...pending.map(({ entry }) => definition.createdAtMsOf(entry))));
    return pending.filter(({ entry, settle }) => {
      const outcome = this.#knownOutcome(view, entry);
      if (outcome !== undefined) settle(outcome);
      return outcome === undefined;
    });
  }

  /** The outcome if the view has the entry's id or an erasure after it; undefined for a new entry. */
  #knownOutcome(view: LogView<Entry>, entry: Entry): AppendOutcome | undefined {
    const { definition } = this.#options;
    if (definition.happenedAtMsOf(entry) <= view.erasedMs) return 'erased';
    const fingerprint = view.fingerprintOf(definition.idOf(entry));
    if (fingerprint === undefined) return undefined;
    return fingerprint === definition.fingerprintOf(entry) ? 'duplicate' : 'conflict';
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
