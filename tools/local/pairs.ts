import { choicesOf, type Choice } from './runner/choose-resources.js';

/** The pair that needs no installation and starts fastest: the default of every command. */
export const embeddedPair: Choice = { broker: 'jetstream', store: 'sqlite' };

/** The pair of production and of `dapr run -f .`. */
export const mainPair: Choice = { broker: 'kafka', store: 'mongodb' };

/**
 * Returns the pairs of the matrix as `broker+store`: the main pair, every broker with the embedded store, and every store
 * with the embedded broker.
 */
export async function matrixPairs(root: string): Promise<string[]> {
  const brokers = await choicesOf('broker', root);
  const stores = await choicesOf('store', root);
  const pairs = [
    mainPair,
    ...brokers.map((broker) => ({ broker, store: embeddedPair.store })),
    ...stores.map((store) => ({ broker: embeddedPair.broker, store })),
  ];
  return [...new Set(pairs.map(({ broker, store }) => `${broker}+${store}`))];
}
