import { randomUUID } from 'node:crypto';
import { asciiJson } from './ascii-json.js';
import type { LogDefinition } from './log-definition.js';
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

/** What the log may say of an entry that it does not take. */
type Refusal = 'repeated' | 'contradicted' | 'erased';

/**
 * `recorded` now, `repeated` (it stood there already), `contradicted` (its identity stands there as something else), or
 * `erased`: it occurred before the log was erased, and is not recorded again.
 */
export type AppendOutcome = 'recorded' | Refusal;

/** What appending an entry would come to, as far as a writer knows. */
export type Foresight = 'new' | Refusal | 'unknown';

/** A log could not be read or written just now. Whether the entry was recorded is not known; appending again is safe. */
export class LogUnavailableError extends Error {
  override readonly name = 'LogUnavailableError';
}

/** Losing the race for a number this often in a row means that others are served; the caller is asked to come again. */
const attemptsMax = 100;

type Append<Entry> = {
  entry: Entry;
  bytes: number;
  settle: (outcome: AppendOutcome) => void;
  fail: (error: unknown) => void;
};

type Parts<Entry> = {
  store: LogStore;
  reader: SegmentReader<Entry>;
  definition: LogDefinition<Entry>;
  now: () => Date;
};

/**
 * Appends to one log. Appending is creating the next number; whoever loses the race for it reads on and tries the next.
 * What arrives while a write is on its way goes into the next segment together.
 *
 * A create that was refused, timed out or lost its answer is one case: the end is read again, and then the entry is
 * there, or the number is taken by another, or neither, and the store failed.
 */
export class LogWriter<Entry> {
  readonly #parts: Parts<Entry>;
  #view: LogView<Entry> | undefined;
  #waiting: Append<Entry>[] = [];
  #busy = false;

  constructor(parts: Parts<Entry>) {
    this.#parts = parts;
  }

  /** Whether nothing is waiting or on its way. */
  get idle(): boolean {
    return !this.#busy;
  }

  /** @throws LogUnavailableError */
  append(entry: Entry): Promise<AppendOutcome> {
    return new Promise((settle, fail) => {
      this.#waiting.push({ entry, bytes: wireBytes(asciiJson(entry as object)), settle, fail });
      if (!this.#busy) void this.#drain();
    });
  }

  /** How an entry would fare, as far as is in memory; `unknown` where the store would have to be asked. */
  foresee(entry: Entry): Foresight {
    const { definition } = this.#parts;
    if (this.#view?.covers(definition.mintedMsOf(entry)) !== true) return 'unknown';
    return this.#compare(this.#view, entry) ?? 'new';
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#commit(batch);
        this.#view?.trim(this.#parts.now().getTime());
      } catch (cause) {
        // What this view believes may be what the store no longer knows: the next append reads afresh.
        this.#view = undefined;
        const error = new LogUnavailableError('the log cannot be read or written', { cause });
        batch.forEach(({ fail }) => {
          fail(error);
        });
      }
    }
    this.#busy = false;
  }

  /** As many as fit into one segment, in the order in which they came; one always does. */
  #takeBatch(): Append<Entry>[] {
    let bytes = 0;
    let count = 0;
    for (const append of this.#waiting) {
      bytes += append.bytes;
      if (count > 0 && (bytes > segmentBytesMax || count === segmentEntriesMax)) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #commit(batch: Append<Entry>[]): Promise<void> {
    const { definition } = this.#parts;
    const view = (this.#view ??= await LogView.load(this.#parts.reader, definition));
    let open = batch;
    for (let attempt = 1; ; attempt += 1) {
      if (definition.repeats === 'found') {
        await view.cover(Math.min(...open.map(({ entry }) => definition.mintedMsOf(entry))));
      }
      open = open.filter(({ entry, settle }) => {
        const outcome = this.#compare(view, entry);
        if (outcome !== undefined) settle(outcome);
        return outcome === undefined;
      });
      if (open.length === 0) return;
      const fresh = firstOfEach(open, definition);
      const recordedAt = this.#parts.now().toISOString();
      const segment = nextSegment(definition, view, { attempt: randomUUID(), recordedAt, entries: fresh });
      const failure = await this.#create(view, segment);
      if (failure === undefined) {
        this.#settle(open, fresh);
        return;
      }
      const created = await view.refresh();
      if (created === undefined) throw failure;
      if (created.attempt === segment.attempt) {
        // This very attempt succeeded: only the answer was lost.
        this.#settle(open, fresh);
        return;
      }
      if (attempt === attemptsMax)
        throw new Error(`lost the race for a number ${attemptsMax} times`, { cause: failure });
    }
  }

  /** What the view says of an entry, if its identity stands in the log or was erased from it. */
  #compare(view: LogView<Entry>, entry: Entry): Refusal | undefined {
    const { definition } = this.#parts;
    if (definition.occurredMsOf(entry) <= view.erasedMs) return 'erased';
    const fingerprint = view.fingerprintOf(definition.identityOf(entry));
    if (fingerprint === undefined) return undefined;
    return fingerprint === definition.fingerprintOf(entry) ? 'repeated' : 'contradicted';
  }

  /** Creates the segment and notes the end down when it is time to. Gives back why it may not have been created. */
  async #create(view: LogView<Entry>, segment: Segment<Entry>): Promise<Error | undefined> {
    const { store, reader } = this.#parts;
    const result = await store.createIfAbsent(reader.keyOf(segment.number), encodeSegment(segment));
    if (!result.created)
      return new Error(`segment ${segment.number} was not created`, { cause: result.cause });
    view.append(segment);
    // A hint that is lost costs the next reader a longer probe, nothing else.
    if (segment.number % hintInterval === 0) await reader.writeHint(segment.number).catch(() => undefined);
    return undefined;
  }

  /** The first of each identity was recorded; those that came along with it repeat or contradict it. */
  #settle(open: readonly Append<Entry>[], recorded: readonly Entry[]): void {
    const { definition } = this.#parts;
    const first = new Map(recorded.map((entry) => [definition.identityOf(entry), entry]));
    for (const { entry, settle } of open) {
      const kept = first.get(definition.identityOf(entry));
      if (kept === entry) settle('recorded');
      else if (kept !== undefined && definition.fingerprintOf(kept) === definition.fingerprintOf(entry))
        settle('repeated');
      else settle('contradicted');
    }
  }
}

/** The entries in their order, without those whose identity came before. */
function firstOfEach<Entry>(appends: readonly Append<Entry>[], definition: LogDefinition<Entry>): Entry[] {
  const first = new Map<string, Entry>();
  for (const { entry } of appends) {
    const identity = definition.identityOf(entry);
    if (!first.has(identity)) first.set(identity, entry);
  }
  return [...first.values()];
}
