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
  /** In a placed log, the last segment whose writer stored no places. 0 if there is none. Undefined in other logs. */
  unplacedTo?: number | undefined;
};

const attemptPattern = /^[0-9a-f-]{36}\/(\d+)\/(\d+)(?:\/(\d+))?$/;

/** Creates an attempt id that carries the lineage of its segment. */
export function newAttempt({ irregularTo, erasedMs, unplacedTo }: Lineage): string {
  return `${randomUUID()}/${irregularTo}/${erasedMs}${unplacedTo === undefined ? '' : `/${unplacedTo}`}`;
}

/** Whether the writer of a segment stored the places of its entries: see places.ts. */
export function isPlaced({ attempt }: Segment<unknown>): boolean {
  return attemptPattern.exec(attempt)?.[3] !== undefined;
}

/** The lineage for the segment after `last`, the last segment of a log, or for the first segment. */
export function lineageAfter(
  last: Segment<unknown> | undefined,
  { isPlaced = false }: { isPlaced?: boolean | undefined } = {},
): Lineage {
  if (last === undefined) return { irregularTo: 0, erasedMs: 0, ...(isPlaced ? { unplacedTo: 0 } : {}) };
  const [, irregularTo, erasedMs, unplacedTo] = attemptPattern.exec(last.attempt) ?? [];
  return {
    irregularTo: irregularTo === undefined ? last.number : Number(irregularTo),
    erasedMs: Math.max(Number(erasedMs ?? 0), isErasure(last) ? Date.parse(last.recordedAt) : 0),
    ...(isPlaced ? { unplacedTo: unplacedTo === undefined ? last.number : Number(unplacedTo) } : {}),
  };
}
