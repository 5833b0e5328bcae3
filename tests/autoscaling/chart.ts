import { scaleLinear, scaleSymlog } from 'd3-scale';
import { curveStepAfter, line } from 'd3-shape';
import type { Sample, ServiceName } from './observations.js';

/** A time in which something was unavailable. */
export type Outage = {
  /** The source of each service's metric, or the same for both. */
  what: string | Readonly<Record<ServiceName, string>>;
  fromSeconds: number;
  toSeconds: number;
};

type Panel = {
  service: ServiceName;
  title: string;
  /** The target load of a pod. The chart draws pods at their total target, on the axis of the load. */
  perPod: number;
  load: (sample: Sample) => number | undefined;
  most: number;
  ticks: readonly number[];
  replicaTicks: readonly number[];
  scale: 'linear' | 'symlog';
};

const panels: readonly Panel[] = [
  {
    service: 'storefront',
    title: 'storefront: requests per second, measured by Prometheus',
    perPod: 20,
    load: ({ measuredRate }) => measuredRate,
    most: 250,
    ticks: [0, 50, 100, 150, 200, 250],
    replicaTicks: [2, 3, 4, 6, 8, 10],
    scale: 'linear',
  },
  {
    service: 'purchase-service',
    title: 'purchase-service: waiting purchases (lag), reported by Kafka',
    perPod: 10,
    load: ({ lag }) => lag,
    most: 3_000,
    ticks: [0, 10, 20, 50, 100, 200, 500, 1_000, 3_000],
    replicaTicks: [2, 3, 5, 10],
    scale: 'symlog',
  },
];

const width = 960;
const plot = { left: 52, right: 860, height: 230, top: 44, apart: 72 };

/** An SVG of the whole run: the load and the number of pods over time, legible on light and dark pages. */
export function chartOf(samples: readonly Sample[], outages: readonly Outage[]): string {
  const end = samples.at(-1)?.seconds ?? 1;
  const x = scaleLinear([0, end], [plot.left, plot.right]);
  const height = panels.length * (plot.height + plot.apart) + 44;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">`,
    '<title id="title">Load against replicas of both services over the run</title>',
    `<style>${style}</style>`,
    ...panels.map((panel, index) =>
      drawPanel(panel, index * (plot.height + plot.apart), samples, outages, x),
    ),
    legend(height - 16),
    '</svg>',
    '',
  ].join('\n');
}

const style = [
  'text{font:13px system-ui,sans-serif;fill:#24292f}',
  '.title{font-weight:600;font-size:14px}.small{font-size:12px}',
  '.grid{stroke:#8c959f;stroke-opacity:.3}.axis{stroke:#57606a}',
  '.load{stroke:#0b62d6;stroke-width:2;fill:none}.pods{stroke:#bc4c00;stroke-width:2.5;fill:none}',
  '.away{fill:#8c959f;fill-opacity:.18}.podtext{fill:#bc4c00}.loadtext{fill:#0b62d6}',
  '@media (prefers-color-scheme:dark){text{fill:#e6edf3}.axis{stroke:#9198a1}',
  '.load{stroke:#6cb2ff}.loadtext{fill:#6cb2ff}.pods{stroke:#ffa657}.podtext{fill:#ffa657}}',
].join('');

function drawPanel(
  panel: Panel,
  offset: number,
  samples: readonly Sample[],
  outages: readonly Outage[],
  x: (seconds: number) => number,
): string {
  const range = [plot.top + plot.height, plot.top];
  const y =
    panel.scale === 'linear'
      ? scaleLinear([0, panel.most], range)
      : scaleSymlog([0, panel.most], range).constant(10);
  const bottom = plot.top + plot.height;
  const draw = (load: (sample: Sample) => number | undefined, curve?: typeof curveStepAfter): string => {
    const path = line<Sample>()
      .defined((sample) => load(sample) !== undefined)
      .x(({ seconds }) => round(x(seconds)))
      .y((sample) => round(y(Math.min(load(sample) ?? 0, panel.most))));
    return (curve === undefined ? path : path.curve(curve))(samples) ?? '';
  };
  return [
    `<g transform="translate(0 ${offset})">`,
    text(plot.left, 18, panel.title, 'title'),
    text(plot.right + 8, 18, 'pods', 'podtext'),
    ...outages.map(({ what, fromSeconds, toSeconds }) => {
      const from = round(x(fromSeconds));
      const wide = round(x(toSeconds) - x(fromSeconds));
      return (
        `<rect class="away" x="${from}" y="${plot.top}" width="${wide}" height="${plot.height}"/>` +
        text(from, plot.top - 6, typeof what === 'string' ? what : what[panel.service], 'small')
      );
    }),
    ...panel.ticks.map((tick) => {
      const at = round(y(tick));
      return (
        `<line class="grid" x1="${plot.left}" x2="${plot.right}" y1="${at}" y2="${at}"/>` +
        text(plot.left - 6, at + 4, tick.toLocaleString('en-GB'), 'small loadtext', 'end')
      );
    }),
    ...panel.replicaTicks.map((pods) =>
      text(plot.right + 8, round(y(pods * panel.perPod)) + 4, String(pods), 'small podtext'),
    ),
    ...minutes(samples.at(-1)?.seconds ?? 0).map(
      (minute) =>
        `<line class="axis" x1="${round(x(minute * 60))}" x2="${round(x(minute * 60))}" y1="${bottom}" y2="${bottom + 4}"/>` +
        text(round(x(minute * 60)), bottom + 18, `${minute} min`, 'small', 'middle'),
    ),
    `<line class="axis" x1="${plot.left}" x2="${plot.right}" y1="${bottom}" y2="${bottom}"/>`,
    `<path class="load" d="${draw(panel.load)}"/>`,
    `<path class="pods" d="${draw(({ replicas }) => replicas[panel.service].ready * panel.perPod, curveStepAfter)}"/>`,
    '</g>',
  ].join('\n');
}

function legend(y: number): string {
  return [
    `<line class="load" x1="${plot.left}" x2="${plot.left + 24}" y1="${y - 4}" y2="${y - 4}"/>`,
    text(plot.left + 30, y, 'load', 'small loadtext'),
    `<line class="pods" x1="220" x2="244" y1="${y - 4}" y2="${y - 4}"/>`,
    text(
      250,
      y,
      'ready pods, drawn at their target load (20 requests/s, a lag of 10 each); grey: source unavailable',
      'small podtext',
    ),
  ].join('\n');
}

/** The minutes at which the time axis has about ten marks. */
function minutes(end: number): number[] {
  const apart = Math.max(1, Math.round(end / 60 / 10));
  return Array.from({ length: Math.floor(end / 60 / apart) + 1 }, (_, index) => index * apart);
}

function text(x: number, y: number, content: string, names = '', anchor = 'start'): string {
  return `<text x="${x}" y="${y}" class="${names}" text-anchor="${anchor}">${content}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
