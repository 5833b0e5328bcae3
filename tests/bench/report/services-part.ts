import type { ServiceFigure } from '../results.js';
import { figureText, numberText } from './figure-text.js';
import { figureOf } from './statistics.js';
import { figureColumns, renderTable } from './table.js';

/** The part about starting the services and their memory. */
export function servicesPart(services: readonly ServiceFigure[]): string[] {
  return [
    '## Starting and memory',
    'From the start of the process until it is ready, with its sidecar running. The memory is resident: five seconds after the\n' +
      'last start, and the most while it accepted or recorded as much as it could. Here the services run from their TypeScript\n' +
      'sources, as `npm start` runs them, and the loader takes time and memory. [Images](images.md#measurements) has the figures\n' +
      'of the images.',
    renderTable(
      figureColumns('Service', 'ms until ready', 'MiB at first', 'MiB at most'),
      services.map(({ name, readyMs, idleMiB, peakMiB }) => [
        name,
        figureText(figureOf(readyMs)),
        numberText(idleMiB),
        numberText(peakMiB),
      ]),
    ),
  ];
}
