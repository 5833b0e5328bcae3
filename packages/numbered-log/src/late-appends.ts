import { isLate, type LateMarkers } from './late-markers.js';
import type { LogDefinition } from './log-definition.js';
import { clockDifferenceMaxMs, LogView, type TailPurpose } from './log-view.js';
import { unavailable, type PendingAppend } from './pending-append.js';
import type { Segment } from './segment.js';
import type { SegmentReader } from './segment-reader.js';

export type LateAppendsOptions<Entry> = {
  reader: SegmentReader<Entry>;
  markers: LateMarkers;
  definition: LogDefinition<Entry>;
  now: () => Date;
};

/** Reads a log for its writer, together with the markers of the entries that it appends late, and creates those markers. */
export class LateAppends<Entry> {
  readonly #options: LateAppendsOptions<Entry>;

  constructor(options: LateAppendsOptions<Entry>) {
    this.#options = options;
  }

  /** Reads the log's tail, and in the same calls the markers of late entries. */
  async load(batch: readonly PendingAppend<Entry>[]): Promise<LogView<Entry>> {
    const { reader, definition, now } = this.#options;
    const late = batch.filter((append) => this.isLate(append, now().getTime()));
    const { view, values } = await LogView.load(reader, definition, now, this.#purposeOf(late));
    for (const append of batch) append.isCaughtUp = true;
    this.#noteMarkers(view, late, values);
    return view;
  }

  /** Reads back what was appended, and in the same calls the markers of late entries. See `LogView.refresh`. */
  async refresh(
    view: LogView<Entry>,
    pending: readonly PendingAppend<Entry>[],
    { isChecked }: { isChecked: boolean },
  ): Promise<Segment<Entry> | undefined> {
    const late = pending.filter((append) => this.isLate(append, this.recordedMsAfter(view)));
    const { next, values } = await view.refresh(this.#purposeOf(late), isChecked);
    for (const append of pending) append.isCaughtUp = true;
    this.#noteMarkers(view, late, values);
    return next;
  }

  /** When the next segment is recorded. Times never decrease, unless the clock of the last writer was wrong. */
  recordedMsAfter(view: LogView<Entry>): number {
    const nowMs = this.#options.now().getTime();
    return view.recordedMs > nowMs + clockDifferenceMaxMs ? nowMs : Math.max(nowMs, view.recordedMs);
  }

  /** Whether an append needs a marker if it is recorded at a time, in milliseconds since the epoch. */
  isLate({ entry }: PendingAppend<Entry>, recordedMs: number): boolean {
    const { duplicates, createdAtMsOf } = this.#options.definition;
    return duplicates === 'detected' && isLate(createdAtMsOf(entry), recordedMs);
  }

  /** Creates the markers of entries that are recorded late. Fails the appends whose marker cannot be created. */
  async mark(
    view: LogView<Entry>,
    pending: readonly PendingAppend<Entry>[],
    recordedMs: number,
  ): Promise<PendingAppend<Entry>[]> {
    const { definition, markers } = this.#options;
    const results = await Promise.allSettled(
      pending.map(async (append) => {
        if (!this.isLate(append, recordedMs)) return;
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

  /** Moves the markers that are beyond the segment in which their entries are now: the store has lost what was between. */
  async unmarkBeyond(appends: readonly PendingAppend<Entry>[], segment: number): Promise<void> {
    const { definition, markers } = this.#options;
    for (const { entry, marker = 0 } of appends)
      if (marker > segment) await markers.moveBack(definition.idOf(entry), segment);
  }

  #purposeOf(late: readonly PendingAppend<Entry>[]): TailPurpose {
    const { definition, markers } = this.#options;
    return {
      isForOldIds: late.length > 0,
      keys: late.map(({ entry }) => markers.keyOf(definition.idOf(entry))),
    };
  }

  #noteMarkers(
    view: LogView<Entry>,
    late: readonly PendingAppend<Entry>[],
    values: ReadonlyMap<string, string>,
  ): void {
    const { definition, markers } = this.#options;
    for (const append of late) {
      append.marker = markers.markerIn(values, definition.idOf(append.entry));
      append.markerReadAt = view.gaps;
    }
  }
}
