import { brokers } from '../local/brokers.js';
import type { Component } from '../local/runner/resource-documents.js';
import { metadataForPort } from '../local/servers/component-address.js';
import type { ComponentDefinition, PlainServer } from '../local/servers/component-definition.js';
import { stores } from '../local/stores.js';

/** The user of plain servers, as make-secrets.sh writes it into addresses. */
const user = 'purchase-system';

/** A server in k8s/plain-servers. Its folder and its namespace have its name. */
export type NamedPlainServer = PlainServer & { name: string };

const plainServers = (definitions: Readonly<Record<string, ComponentDefinition>>) =>
  Object.fromEntries(
    Object.entries(definitions).flatMap(([name, definition]) =>
      definition.server === undefined || definition.plainServer === undefined
        ? []
        : [[name, { name: definition.server.name, ...definition.plainServer }]],
    ),
  ) as Readonly<Record<string, NamedPlainServer>>;

/** The plain server of each broker that has one. */
export const brokerServers = plainServers(brokers);

/** The plain server of each store that has one. */
export const storeServers = plainServers(stores);

/** Returns the component of a broker at a port of this machine, with the user and the password that plain servers require. */
export function componentAtPort(component: Component, port: number, password: string): Component {
  const moved = Object.entries(metadataForPort(component, port)).map(
    ([key, address]) => [key, withUser(address, password)] as const,
  );
  return { ...component, metadata: new Map([...component.metadata, ...moved]) };
}

/** Only a URL has a user. Kafka knows its clients by certificates, and asks for none within its pod. */
function withUser(address: string, password: string): string {
  if (!address.includes('://')) return address;
  const url = new URL(address);
  url.username = user;
  url.password = password;
  return url.href;
}
