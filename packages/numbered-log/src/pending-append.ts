import type { LogDefinition } from './log-definition.js';
import { LogUnavailableError } from './log-errors.js';

/**
 * `recorded`: the entry is new and was appended. `duplicate`: the log already has it. `conflict`: the log has other content
 * under its id. `erased`: it happened before the log was erased and is not recorded again.
 */
export type AppendOutcome = 'recorded' | 'duplicate' | 'conflict' | 'erased';

/** `beyond`: the log has grown so much that the entry could not be appended at its place any more. */
export type PlacedOutcome = AppendOutcome | 'beyond';

/** An entry that waits to be appended, and what is known about it. */
export type PendingAppend<Entry> = {
  entry: Entry;
  bytes: number;
  settle: (outcome: PlacedOutcome) => void;
  fail: (error: unknown) => void;
  /** The last segment in which the entry may be. */
  lastNumber: number;
  /** The entry's marker when it was last read, if it existed. */
  marker?: number | undefined;
  /** The `gaps` of the view when the marker was read. As long as the view has no new gap, it has seen every later segment. */
  markerReadAt?: number;
  /** Whether the log was read back since the append began. */
  isCaughtUp?: boolean;
  /**
   * The `gaps` of the view when the entry was found to be in no segment. As long as the view has no new gap, it has seen every
   * later segment.
   */
  absentSince?: number;
};

/** What an append fails with when the store does. */
export function unavailable(cause: unknown): LogUnavailableError {
  return new LogUnavailableError('the log cannot be read or written', { cause });
}

/** Settles an append whose entry may not be in the segment after the last one any more. Returns whether it did. */
export function settleBeyond<Entry>(
  lastNumber: number,
  { lastNumber: lastAllowed, settle }: PendingAppend<Entry>,
): boolean {
  if (lastNumber < lastAllowed) return false;
  settle('beyond');
  return true;
}

/** Settles an append whose id the log has, with the fingerprint of the recorded entry. */
export function settleAs<Entry>(
  { fingerprintOf }: LogDefinition<Entry>,
  { entry, settle }: PendingAppend<Entry>,
  recorded: string,
): void {
  settle(recorded === fingerprintOf(entry) ? 'duplicate' : 'conflict');
}

/** Settles a batch that was recorded. The first entry with an id is recorded, later ones are compared with it. */
export function settleRecorded<Entry>(
  definition: LogDefinition<Entry>,
  batch: readonly PendingAppend<Entry>[],
  recorded: readonly Entry[],
): void {
  const recordedById = new Map(recorded.map((entry) => [definition.idOf(entry), entry]));
  for (const { entry, settle } of batch) {
    const first = recordedById.get(definition.idOf(entry));
    if (first === entry) settle('recorded');
    else if (first !== undefined && definition.fingerprintOf(first) === definition.fingerprintOf(entry))
      settle('duplicate');
    else settle('conflict');
  }
}

/** The entries in their order, without those whose id came before. */
export function firstOfEachId<Entry>(
  { idOf }: LogDefinition<Entry>,
  appends: readonly PendingAppend<Entry>[],
): Entry[] {
  const first = new Map<string, Entry>();
  for (const { entry } of appends) {
    const id = idOf(entry);
    if (!first.has(id)) first.set(id, entry);
  }
  return [...first.values()];
}
