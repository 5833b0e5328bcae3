import type { LogDefinition } from './log-definition.js';
import type { Recorded } from './log-page.js';
import { clockDifferenceMaxMs } from './log-view.js';
import type { Segment } from './segment.js';
import { range, type SegmentReader } from './segment-reader.js';

/** How much of the end is looked at first: what was recorded lately is what is asked for most. */
const tailLength = 16;

/** Each round of the search by time reads this many segments and leaves a sixteenth of the log. */
const probesPerRound = 15;

/** From where the search by time ends, entries are looked through this many segments a call. */
const scanLength = 64;

/**
 * Nothing is recorded longer than this after it came into being: brokers do not keep events that long. Looking further
 * would read a long log to its end for every identity that is not there.
 */
const latenessMaxMs = 14 * 24 * 60 * 60 * 1000;

/**
 * Finds the entry with an identity. An entry minted at T was recorded at T or later, but for the clocks' difference, so it
 * cannot stand before the first segment recorded after T. That one is found in a number of calls that grows with the
 * logarithm of the log's length; the entry stands in it or a little further on.
 */
export async function findInLog<Entry>(
  reader: SegmentReader<Entry>,
  definition: LogDefinition<Entry>,
  hint: number,
  identity: string,
  mintedMs: number,
): Promise<{ found: Recorded<Entry> | undefined; end: number }> {
  const notBeforeMs = mintedMs - clockDifferenceMaxMs;
  const tail = await reader.findTail(hint, tailLength);
  const end = tail.number;
  const inTail = pick(tail.segments.values(), definition, identity);
  const oldest = tail.segments.get(tail.first);
  if (inTail !== undefined || oldest === undefined || tail.first === 1 || isBefore(oldest, notBeforeMs))
    return { found: inTail, end };

  const first = await firstNotBefore(reader, notBeforeMs, tail.first);
  for (let from = first; from < tail.first; from += scanLength) {
    const segments = await reader.read(range(from, Math.min(from + scanLength, tail.first) - 1));
    const found = pick(segments.values(), definition, identity);
    if (found !== undefined) return { found, end };
    const last = [...segments.values()].at(-1);
    if (last !== undefined && !isBefore(last, mintedMs + latenessMaxMs)) break;
  }
  return { found: undefined, end };
}

/** The first segment that was not recorded before a time, among those before `high`, or `high`. */
async function firstNotBefore<Entry>(
  reader: SegmentReader<Entry>,
  notBeforeMs: number,
  high: number,
): Promise<number> {
  let [before, notBefore] = [0, high];
  while (notBefore - before > 1) {
    const step = Math.max(1, Math.ceil((notBefore - before) / (probesPerRound + 1)));
    const probes = range(1, Math.floor((notBefore - before - 1) / step)).map(
      (index) => before + index * step,
    );
    const segments = await reader.read(probes);
    for (const number of probes) {
      const segment = segments.get(number);
      if (segment === undefined || !isBefore(segment, notBeforeMs)) {
        notBefore = number;
        break;
      }
      before = number;
    }
  }
  return notBefore;
}

function isBefore<Entry>(segment: Segment<Entry>, timeMs: number): boolean {
  return Date.parse(segment.recordedAt) < timeMs;
}

function pick<Entry>(
  segments: Iterable<Segment<Entry>>,
  definition: LogDefinition<Entry>,
  identity: string,
): Recorded<Entry> | undefined {
  for (const { entries, recordedAt } of segments) {
    const entry = entries.find(
      (candidate) => candidate !== null && definition.identityOf(candidate) === identity,
    );
    if (entry !== undefined && entry !== null) return { entry, recordedAt };
  }
  return undefined;
}
