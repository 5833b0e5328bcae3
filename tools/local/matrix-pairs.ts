import { choicesOf, embedded } from './runner/choose-resources.js';

/** The pair that the system is made for. */
const main = { broker: 'kafka', store: 'mongodb' };

/**
 * The pairs that show what a broker and a store are good for, as `broker+store`: the main one, every broker there is a
 * folder for with the embedded store, and every store with the embedded broker.
 */
export async function matrixPairs(root: string): Promise<string[]> {
  const brokers = await choicesOf('broker', root);
  const stores = await choicesOf('store', root);
  const pairs = [
    main,
    ...brokers.map((broker) => ({ broker, store: embedded.store })),
    ...stores.map((store) => ({ broker: embedded.broker, store })),
  ];
  return [...new Set(pairs.map(({ broker, store }) => `${broker}+${store}`))];
}
