export { asciiJson } from './ascii-json.js';
export { decodeCursor, encodeCursor } from './cursor.js';
export type { LogDefinition } from './log-definition.js';
export { DamagedLogError, InvalidCursorError, LogUnavailableError } from './log-errors.js';
export type { Damage } from './log-inspection.js';
export {
  entriesOf,
  isLogStart,
  logStart,
  positionAfter,
  type LogPage,
  type Position,
  type ReadFrom,
  type RecordedEntry,
} from './log-page.js';
export type { RepairOptions } from './log-repair.js';
export type { CreateResult, KeyAndValue, LogStore, ReadOptions } from './log-store.js';
export { onTimeMemoryMs } from './late-markers.js';
export { clockDifferenceMaxMs } from './log-view.js';
export type { AppendOutcome, PlacedOutcome } from './pending-append.js';
export { lastNumberAt, type PlacesOptions } from './places.js';
export { NumberedLogs } from './numbered-logs.js';
export { mergeTotals, noTotals, sumsAsJson, totalsSince, type RunningTotals } from './running-totals.js';
export { segmentBytesMax, wireBytes } from './segment.js';
export { storedValue } from './stored-value.js';
