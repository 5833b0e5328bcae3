import { isListening } from './ports.js';
import type { Component } from './resource-documents.js';

/** Which metadata holds the addresses (`host:port`, separated by commas) of what the runner does not start itself. */
const addressKeys: Readonly<Record<string, { key: string; service: string }>> = {
  'pubsub.kafka': { key: 'brokers', service: 'Kafka' },
  'state.mongodb': { key: 'host', service: 'MongoDB' },
};

/**
 * Rejects when a broker or store that is expected to run already does not answer: daprd would wait for it for a minute and
 * say so in its own words. One message names all that are missing.
 */
export async function requireExternalServices(components: readonly Component[]): Promise<void> {
  const missing = new Set<string>();
  for (const { type, metadata } of components) {
    const where = addressKeys[type];
    const addresses = where === undefined ? undefined : metadata.get(where.key);
    if (where === undefined || addresses === undefined) continue;
    if (!(await anyAnswers(addresses.split(',')))) missing.add(`- ${where.service} at ${addresses}`);
  }
  if (missing.size === 0) return;
  throw new Error(
    [
      'What the chosen components need does not answer:',
      ...missing,
      'Nothing was started. Start it first, or use the embedded broker and store (--broker jetstream --store sqlite).',
    ].join('\n'),
  );
}

/** One member of a cluster is enough: it tells a client about the others. */
async function anyAnswers(addresses: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(
    addresses.map((address) => {
      const { hostname, port } = new URL(`tcp://${address.trim()}`);
      return isListening(Number(port), hostname);
    }),
  );
  return answers.includes(true);
}
