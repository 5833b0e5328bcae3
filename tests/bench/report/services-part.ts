import type { ServiceFigure } from '../results.js';
import { figureText, numberText } from './figure-text.js';
import { figureOf } from './statistics.js';
import { figureColumns, renderTable } from './table.js';

/** The goals of each service: to be ready, and its memory before its first request. */
const targets = { readyMs: 1_000, idleMiB: 110 } as const;

/** The part about starting the services and their memory. */
export function servicesPart(services: readonly ServiceFigure[]): string[] {
  return [
    '## Starting and memory',
    'From the start of the process until it is ready, with its sidecar running. The memory is resident: five seconds after the\n' +
      `last start, and the most while it accepted or recorded as much as it could. The targets are at most ${String(targets.readyMs)} ms, and\n` +
      `${String(targets.idleMiB)} MiB at first.`,
    renderTable(
      figureColumns('Service', 'ms until ready', 'MiB at first', 'MiB at most', 'targets'),
      services.map(({ name, readyMs, idleMiB, peakMiB }) => {
        const ready = figureOf(readyMs);
        const isMet = ready.median <= targets.readyMs && idleMiB <= targets.idleMiB;
        return [name, figureText(ready), numberText(idleMiB), numberText(peakMiB), isMet ? 'met' : 'missed'];
      }),
    ),
  ];
}
