import { rateOf, type ProcessorTime, type Results } from '../results.js';
import { figureText } from './figure-text.js';
import { figureOf, ratioOf } from './statistics.js';
import { figureColumns, renderTable } from './table.js';

/** The goals, compared with the bare server: at least these rates, by clients, and at most this processor time. */
export const bareTargets = { rates: { 16: 0.6, 64: 0.7 }, processorTime: 2 } as const;

type Target = { sign: '≥' | '≤'; value: number };
type Measured = { purchases: number; processorMs: ProcessorTime };

/** The processor time of the storefront for one purchase, in milliseconds. */
const storefrontMs = ({ purchases, processorMs }: Measured): number =>
  (processorMs.storefront ?? Number.NaN) / purchases;

/** The part of the page that compares the storefront with a server that does the least that is possible. */
export function barePart({ accept, bare, freshness }: Results): string[] {
  const row = (name: string, shop: readonly number[], ofBare: readonly number[], target: Target) => {
    const ratio = ratioOf(shop, ofBare);
    const isMet = target.sign === '≥' ? ratio.median >= target.value : ratio.median <= target.value;
    return [
      name,
      ...[figureOf(shop), figureOf(ofBare), ratio].map(figureText),
      `${target.sign} ${target.value.toFixed(1)}: ${isMet ? 'met' : 'missed'}`,
    ];
  };
  const shopWith = (clients: number) =>
    accept.filter((round) => round.side === 'sidecars' && round.clients === clients);
  const bareWith = (clients: number) => bare.accept.filter((round) => round.clients === clients);
  const most = Math.max(...accept.map(({ clients }) => clients));
  const atMost: Target = { sign: '≤', value: bareTargets.processorTime };
  const together = freshness.filter(({ side }) => side === 'sidecars');
  return [
    '## Compared with a bare server',
    'The bare server is one file: Express, a JSON body checked with zod, and a kafkajs producer. It has no session, no limits, no\n' +
      'logs, no metrics, no pages and no protection against buying twice. It takes turns with the others:',
    renderTable(
      figureColumns('Compared with the bare server', 'storefront', 'bare server', 'ratio', 'target'),
      [
        ...Object.entries(bareTargets.rates).map(([clients, target]) =>
          row(
            `accepted per second, ${clients} at once`,
            shopWith(Number(clients)).map(rateOf),
            bareWith(Number(clients)).map(rateOf),
            { sign: '≥', value: target },
          ),
        ),
        row(
          `processor ms per purchase, ${most} at once`,
          shopWith(most).map(storefrontMs),
          bareWith(most).map(storefrontMs),
          atMost,
        ),
        row(
          'processor ms per purchase, at half load',
          together.map(storefrontMs),
          bare.atARate.map(storefrontMs),
          atMost,
        ),
      ],
    ),
  ];
}
