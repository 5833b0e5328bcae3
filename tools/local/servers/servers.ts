import { brokers } from '../brokers.js';
import { stores } from '../stores.js';
import type { ComponentDefinition } from './component-definition.js';
import type { ServerDefinition } from './server-definition.js';

/** The definition of every broker and every store. */
export const componentDefinitions: readonly ComponentDefinition[] = [
  ...Object.values(brokers),
  ...Object.values(stores),
];

/** Every server that can run on this machine, once, also if it is a broker and a store. */
export const servers: readonly ServerDefinition[] = [
  ...new Set(componentDefinitions.flatMap(({ server }) => server ?? [])),
];

/** The definition of the server with this name. Throws for an unknown name, listing the known ones. */
export function serverNamed(name: string): ServerDefinition {
  const found = servers.find((server) => server.name === name);
  if (found !== undefined) return found;
  throw new Error(
    `There is no server "${name}". Choose one of: ${servers.map((server) => server.name).join(', ')}.`,
  );
}
