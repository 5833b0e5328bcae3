import type { LateAppends } from './late-appends.js';
import type { LogDefinition } from './log-definition.js';
import { isErased } from './log-erasure.js';
import { DamagedLogError } from './log-errors.js';
import type { LogView } from './log-view.js';
import { settleAs, unavailable, type PendingAppend } from './pending-append.js';

/** Finds out which entries a log already has, in memory and in the store. */
export class DuplicateCheck<Entry> {
  readonly #definition: LogDefinition<Entry>;
  readonly #late: LateAppends<Entry>;

  constructor(definition: LogDefinition<Entry>, late: LateAppends<Entry>) {
    this.#definition = definition;
    this.#late = late;
  }

  /**
   * Settles the appends whose entries are in the log or were erased, and returns the others. Appends that cannot be checked
   * fail, and do not hold up the others.
   */
  async settleRecordedBefore(
    view: LogView<Entry>,
    batch: readonly PendingAppend<Entry>[],
  ): Promise<PendingAppend<Entry>[]> {
    const pending = batch.filter((append) => !this.#settleKnown(view, append));
    if (this.#definition.duplicates !== 'detected') return pending;
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
      ? this.settleRecordedBefore(view, left)
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
    const { idOf, createdAtMsOf } = this.#definition;
    const { entry, marker } = append;
    const gaps = view.gaps;
    const fingerprint = await view.findFingerprint(idOf(entry), createdAtMsOf(entry), marker);
    if (fingerprint === undefined) append.absentSince = gaps;
    else settleAs(this.#definition, append, fingerprint);
  }

  /** Settles an append if the view has the entry's id or an erasure after it. Returns whether it did. */
  #settleKnown(view: LogView<Entry>, append: PendingAppend<Entry>): boolean {
    const definition = this.#definition;
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
    const { duplicates, idOf, happenedAtMsOf } = this.#definition;
    const known = view.entryOf(idOf(entry));
    return (
      duplicates === 'detected' &&
      !isCaughtUp &&
      known !== undefined &&
      known.happenedMs !== happenedAtMsOf(entry)
    );
  }
}
