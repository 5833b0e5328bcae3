export { asciiJson } from './ascii-json.js';
export type { LogDefinition } from './log-definition.js';
export {
  beginning,
  entriesOf,
  isBeginning,
  placeAfter,
  type LogPage,
  type Place,
  type Recorded,
} from './log-page.js';
export type { CreateResult, LogStore } from './log-store.js';
export { clockDifferenceMaxMs } from './log-view.js';
export { LogUnavailableError, type AppendOutcome, type Foresight } from './log-writer.js';
export { NumberedLogs } from './numbered-logs.js';
export {
  fromCursor,
  invalidCursor,
  readFrom,
  readOlder,
  readPlaces,
  writeFrom,
  writePlace,
  writePlaces,
} from './page-cursor.js';
export { DamagedLogError, segmentBytesMax, wireBytes } from './segment.js';
export { storedValue } from './stored-value.js';
export { mergeTotals, noTotals, totalsSince } from './totals.js';
