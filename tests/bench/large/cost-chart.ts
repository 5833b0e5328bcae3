import { scaleLog } from 'd3-scale';
import type { LargeResult } from './run-large.js';

const width = 960;
const rowHeight = 20;
const labelsWidth = 240;
const gap = 24;
const top = 66;
const groupGap = 34;
const legendHeight = 34;

const ticksMs = [1, 10, 100, 1_000, 10_000];

const style = [
  'text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-weight:600;font-size:14px}.small{font-size:12px}',
  '.grid{stroke:#8c959f;stroke-opacity:.3}.span{stroke:#8c959f;stroke-width:2}',
  '.size-0{fill:#8c959f}.size-1{fill:#0b62d6}.size-2{fill:#bc4c00}',
  '@media (prefers-color-scheme:dark){text{fill:#e6edf3}.size-1{fill:#6cb2ff}.size-2{fill:#ffa657}}',
].join('');

/** How the sizes look, from the smallest to the largest: the largest is drawn first, so that equal times show all of them. */
const radii = [3, 4.5, 6];

type Group = { title: string; of: (result: LargeResult) => LargeResult['shoppers'] };

const groups: readonly Group[] = [
  { title: 'One shopper', of: ({ shoppers }) => shoppers },
  { title: 'Everyone', of: ({ everyone }) => everyone },
];

/** An SVG with the time of each operation at each size, in each store: dots that coincide mean that the size does not matter. */
export function costChart(results: readonly LargeResult[]): string {
  const panelWidth = (width - labelsWidth - gap * results.length) / results.length;
  const leftOf = (index: number) => labelsWidth + gap / 2 + index * (panelWidth + gap);
  const times = results.flatMap((result) =>
    groups.flatMap(({ of }) => of(result).flatMap(({ costs }) => costs.map(({ ms }) => ms))),
  );
  const x = scaleLog([Math.min(0.5, ...times), Math.max(20, ...times)], [0, panelWidth]);
  const parts: string[] = [];
  let y = top;
  for (const { title, of } of groups) {
    const first = results[0];
    const measured = first === undefined ? [] : of(first);
    const operations = measured.at(-1)?.costs.map(({ operation }) => operation) ?? [];
    const sizes = measured.map(({ purchases }) => `${purchases.toLocaleString('en-GB')} purchases`);
    parts.push(text(12, y, title, 'title'), legend(sizes, y, radii.length - sizes.length));
    y += rowHeight;
    const bottom = y + operations.length * rowHeight;
    for (const index of results.keys())
      for (const tick of ticksMs.filter((ms) => x(ms) >= 0 && x(ms) <= panelWidth)) {
        const at = round(leftOf(index) + x(tick));
        parts.push(
          `<line class="grid" x1="${at}" x2="${at}" y1="${y - 12}" y2="${bottom - 12}"/>`,
          text(at, bottom + 4, `${tick.toLocaleString('en-GB')} ms`, 'small', 'middle'),
        );
      }
    for (const operation of operations) {
      parts.push(text(12, y + 4, operation, 'small'));
      for (const [index, result] of results.entries())
        parts.push(dots(of(result), operation, { left: leftOf(index), y, x }));
      y += rowHeight;
    }
    y += groupGap;
  }
  const height = y + legendHeight - groupGap;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">`,
    '<title id="title">The time of each operation in each store, by the number of purchases</title>',
    `<style>${style}</style>`,
    ...results.map(({ store }, index) => text(leftOf(index), 24, store, 'title')),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function dots(
  measured: LargeResult['shoppers'],
  operation: string,
  { left, y, x }: { left: number; y: number; x: (ms: number) => number },
): string {
  const places = measured.flatMap(({ costs }, index) => {
    const cost = costs.find((one) => one.operation === operation);
    return cost === undefined
      ? []
      : [{ at: round(left + x(cost.ms)), size: index + radii.length - measured.length }];
  });
  const all = places.map(({ at }) => at);
  return [
    `<line class="span" x1="${Math.min(...all)}" x2="${Math.max(...all)}" y1="${y}" y2="${y}"/>`,
    ...places
      .reverse()
      .map(({ at, size }) => `<circle class="size-${size}" cx="${at}" cy="${y}" r="${radii[size] ?? 0}"/>`),
  ].join('');
}

function legend(sizes: readonly string[], y: number, firstSize: number): string {
  return sizes
    .map((label, index) => {
      const size = index + firstSize;
      const left = labelsWidth + gap / 2 + 6 + index * 200;
      return `<circle class="size-${size}" cx="${left}" cy="${y - 5}" r="${radii[size] ?? 0}"/>${text(left + 12, y, label, 'small')}`;
    })
    .join('');
}

function text(x: number, y: number, content: string, names = '', anchor = 'start'): string {
  return `<text x="${x}" y="${y}" class="${names}" text-anchor="${anchor}">${content}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
