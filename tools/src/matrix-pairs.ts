import { choicesOf } from './runner/choose-resources.js';

/** What is exchanged while the other stays: the pair that needs nothing and starts at once. */
const steady = { broker: 'jetstream', store: 'sqlite' };

/** The pair that the system is made for. */
const main = { broker: 'kafka', store: 'mongodb' };

/**
 * The pairs that show what a broker and a store are good for, as `broker+store`: the main one, every broker there is a
 * folder for with one store, and every store with one broker.
 */
export async function matrixPairs(root: string): Promise<string[]> {
  const brokers = await choicesOf('broker', root);
  const stores = await choicesOf('store', root);
  const pairs = [
    main,
    ...brokers.map((broker) => ({ broker, store: steady.store })),
    ...stores.map((store) => ({ broker: steady.broker, store })),
  ];
  return [...new Set(pairs.map(({ broker, store }) => `${broker}+${store}`))];
}
