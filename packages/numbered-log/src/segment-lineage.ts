import { randomUUID } from 'node:crypto';
import { isErasure, type Segment } from './segment.js';

/**
 * What a segment knows about the segments before it, in a constant number of bytes. It is part of the attempt id, because the
 * versions of this package that know no lineage refuse any other addition, and still run during a rolling update.
 */
export type Lineage = {
  /**
   * Up to this segment, an entry can be anywhere after the time in its id: an older version wrote it without a marker, or
   * times decreased because a clock was wrong. After it, late entries have markers and times never decrease. 0 if there is none.
   */
  irregularTo: number;
  /** The time of the last erasure after that segment, in milliseconds since the epoch. 0 if there is none. */
  erasedMs: number;
  /**
   * Where an entry whose id has no time can be without a marker, because an older version wrote it. Everywhere else it has one.
   * A writer that has read these segments narrows them to those that contain such an entry, for all writers after it.
   */
  unmarked: UnmarkedRange;
  /** In a placed log, the last segment whose writer stored no places. 0 if there is none. Undefined in other logs. */
  unplacedTo?: number | undefined;
};

/** The first and the last of some segments. `last` is 0 if there are none. */
export type UnmarkedRange = { first: number; last: number };

export const noUnmarked: UnmarkedRange = { first: 1, last: 0 };

const attemptPattern = /^[0-9a-f-]{36}\/(\d+)\/(\d+)(?:\/(\d+))?(?:\/u(\d+)-(\d+))?$/;

/** Creates an attempt id that carries the lineage of its segment. */
export function newAttempt({ irregularTo, erasedMs, unplacedTo, unmarked }: Lineage): string {
  const isUsual = unmarked.first === 1 && unmarked.last === irregularTo;
  return [
    randomUUID(),
    irregularTo,
    erasedMs,
    ...(unplacedTo === undefined ? [] : [unplacedTo]),
    ...(isUsual ? [] : [`u${unmarked.first}-${unmarked.last}`]),
  ].join('/');
}

/** Whether an older version wrote a segment. It created no markers. */
export function isOfOlderVersion({ attempt }: Segment<unknown>): boolean {
  return !attemptPattern.test(attempt);
}

/** Whether the writer of a segment stored the places of its entries: see places.ts. */
export function isPlaced({ attempt }: Segment<unknown>): boolean {
  return attemptPattern.exec(attempt)?.[3] !== undefined;
}

/**
 * The lineage for the segment after `last`, the last segment of a log, or for the first segment. `before` is the lineage of `last`
 * itself, if it is known. It is needed only for a segment of an older version, which does not say it.
 */
export function lineageAfter(
  last: Segment<unknown> | undefined,
  { isPlaced = false }: { isPlaced?: boolean | undefined } = {},
  before?: Lineage,
): Lineage {
  if (last === undefined)
    return { irregularTo: 0, erasedMs: 0, unmarked: noUnmarked, ...(isPlaced ? { unplacedTo: 0 } : {}) };
  const [, irregular, erasedMs, unplacedTo, first, to] = attemptPattern.exec(last.attempt) ?? [];
  const irregularTo = irregular === undefined ? last.number : Number(irregular);
  return {
    irregularTo,
    erasedMs: Math.max(Number(erasedMs ?? 0), isErasure(last) ? Date.parse(last.recordedAt) : 0),
    unmarked: {
      first: Number(first ?? (irregular === undefined ? firstUnmarked(last.number, before) : 1)),
      last: Number(to ?? irregularTo),
    },
    ...(isPlaced ? { unplacedTo: unplacedTo === undefined ? last.number : Number(unplacedTo) } : {}),
  };
}

/** The first segment that may have an entry without a marker, at a segment of an older version. */
function firstUnmarked(number: number, before: Lineage | undefined): number {
  if (before === undefined) return 1;
  return before.unmarked.last === 0 ? number : before.unmarked.first;
}
