import { numberText } from '../report/figure-text.js';
import { figureColumns, renderTable } from '../report/table.js';
import { withoutComparison } from '../report/machine.js';
import type { Cost } from './measure-world.js';
import type { LargeResult, StoredPurchases } from './run-large.js';
import { periodMs } from './world.js';

/** The goal: what the largest costs, compared with the one that has a hundredth of it. */
export const growthMax = 1.25;

/** Below this difference, two times are the same: a process that is interrupted once takes longer. */
const sameWithinMs = 2;

type Measured = { purchases: number; costs: Cost[] };

/** The page about what operations cost in large stores. */
export function largeDocument({
  startedAt,
  machine,
  stores,
  stored,
}: {
  startedAt: string;
  machine: Readonly<Record<string, string>>;
  stores: readonly LargeResult[];
  stored: StoredPurchases;
}): string {
  const years = Math.round(periodMs / (365 * 24 * 3_600_000));
  return `${[
    '# Large stores',
    `What operations cost the purchase-service, in a store with much in it. \`npm run bench -- --large\` writes this file, on ${startedAt.slice(0, 10)}.\n` +
      `The service's own code recorded ${String(years)} years of purchases, audit entries and dead letters in an accelerated time, each purchase in a\n` +
      'segment of its own. The keys were loaded into the store behind a sidecar. Then a service that had just started was asked.',
    `Times are medians in milliseconds. Calls are those to the state store. The goal: the largest costs at most ${String(growthMax)} times as much as a\n` +
      `hundredth of it, or at most ${String(sameWithinMs)} ms more. "Cold" is the first request after the service started.`,
    '![The time of each operation in each store, by the number of purchases](large-stores.svg)',
    `A purchase that is recorded alone takes ${numberText(stored.keys / stored.purchases)} keys and ${numberText(stored.bytes / stored.purchases)} bytes of keys and values, without what the store\n` +
      'adds. What is recorded at the same time shares segments of the journal, and takes less.',
    ...stores.flatMap(({ store, shoppers, everyone }) => [
      `## ${store}`,
      `By the purchases of one shopper, in a store with ${grouped(everyone.at(-1)?.purchases ?? 0)} purchases:`,
      growthTable(shoppers),
      'By the purchases of everyone. The audit log and the dead letters grow as much:',
      growthTable(everyone),
    ]),
    '## Conditions',
    renderTable(
      [
        { title: 'Part', align: 'left' },
        { title: 'Value', align: 'left' },
      ],
      Object.entries(withoutComparison(machine)).filter(([part]) => part !== 'Broker' && part !== 'Store'),
    ),
  ].join('\n\n')}\n`;
}

/** One row for each operation: its time and calls at each size, and how it grows between the last two. */
function growthTable(measured: readonly Measured[]): string {
  const [before, last] = measured.slice(-2);
  const operations = last?.costs.map(({ operation }) => operation) ?? [];
  const costIn = (one: Measured | undefined, operation: string): Cost | undefined =>
    one?.costs.find((cost) => cost.operation === operation);
  return renderTable(
    figureColumns(
      'Operation',
      ...measured.map(({ purchases }) => `${grouped(purchases)}: ms`),
      ...measured.map(({ purchases }) => `${grouped(purchases)}: calls`),
      'MiB at most',
      'growth',
    ),
    operations.map((operation) => {
      const costs = measured.map((one) => costIn(one, operation));
      return [
        operation,
        ...costs.map((cost) => numberText(cost?.ms ?? Number.NaN)),
        ...costs.map((cost) => String(cost?.stateCalls ?? '–')),
        String(costIn(last, operation)?.memoryMiB ?? '–'),
        growthOf(costIn(before, operation)?.ms, costIn(last, operation)?.ms),
      ];
    }),
  );
}

function growthOf(beforeMs = Number.NaN, lastMs = Number.NaN): string {
  const isMet = lastMs <= beforeMs * growthMax || lastMs - beforeMs <= sameWithinMs;
  return `${numberText(lastMs / beforeMs)}: ${isMet ? 'met' : 'missed'}`;
}

function grouped(count: number): string {
  return count.toLocaleString('en').replaceAll(',', ' ');
}
