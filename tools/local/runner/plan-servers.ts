import { join } from 'node:path';
import { embeddedPair } from '../pairs.js';
import { addressOf, metadataFromEnvironment } from '../servers/component-address.js';
import type { ServerDefinition, ServerPorts } from '../servers/server-definition.js';
import { anyIsListening, type PortNeed } from './ports.js';
import type { Component } from './resource-documents.js';

/** A broker or database that is started with the system. */
export type PlannedServer = { definition: ServerDefinition; ports: readonly number[]; folder: string };

const thisMachine = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Returns the servers to start: those with given ports, and those that components expect on this machine while nothing
 * answers there. A server that answers is used as it is. Rejects when a server on another machine, or one that the environment
 * names, does not answer. The message lists all of them; daprd would only report the first, after a minute.
 */
export async function planServers(
  components: readonly Component[],
  dataDir: string,
  given: ServerPorts,
): Promise<PlannedServer[]> {
  const planned = new Map<string, PlannedServer>();
  const missing = new Set<string>();
  for (const component of components) {
    const address = addressOf(component);
    if (address === undefined || planned.has(address.server.name)) continue;
    const definition = address.server;
    const plan = (ports: readonly number[]): void => {
      planned.set(definition.name, { definition, ports, folder: join(dataDir, definition.name) });
    };
    const ports = given[definition.name];
    const [first] = address.hosts;
    if (ports !== undefined) plan(ports);
    else if (first !== undefined && isStartable(component, address.hosts)) {
      if ((await definition.answers(first.port)) !== true)
        plan([first.port, ...definition.defaultPorts.slice(1)]);
    } else if (first !== undefined && !(await anyIsListening(address.hosts)))
      missing.add(
        `- ${definition.title} at ${address.hosts.map(({ host, port }) => `${host}:${port}`).join()}`,
      );
  }
  if (missing.size === 0) return [...planned.values()];
  throw new Error(
    [
      'These servers do not answer:',
      ...missing,
      'Nothing was started. Start it first, or use the embedded pair ' +
        `(--broker ${embeddedPair.broker} --store ${embeddedPair.store}).`,
    ].join('\n'),
  );
}

/** Returns the ports that a server needs. */
export function portNeedsOfServer({ definition, ports }: PlannedServer): PortNeed[] {
  return ports.map((port) => ({ port, neededBy: definition.name }));
}

function isStartable(component: Component, hosts: readonly { host: string }[]): boolean {
  if (metadataFromEnvironment(component.type) !== undefined) return false;
  return hosts.length === 1 && hosts.every(({ host }) => thisMachine.includes(host));
}
