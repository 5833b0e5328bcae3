import type { Component } from '../runner/resource-documents.js';
import type { ServerName } from './server-definition.js';
import { servers } from './servers.js';

/** Which server a component type talks to, in which metadata its address stands, and in which form. */
const wellKnown: Readonly<Record<string, { server: ServerName; key: string; form: 'url' | 'host' }>> = {
  'pubsub.kafka': { server: 'kafka', key: 'brokers', form: 'host' },
  'pubsub.jetstream': { server: 'nats', key: 'natsURL', form: 'url' },
  'pubsub.rabbitmq': { server: 'rabbitmq', key: 'connectionString', form: 'url' },
  'pubsub.redis': { server: 'redis', key: 'redisHost', form: 'host' },
  'pubsub.mqtt3': { server: 'mosquitto', key: 'url', form: 'url' },
  'state.mongodb': { server: 'mongodb', key: 'host', form: 'host' },
  'state.postgresql': { server: 'postgresql', key: 'connectionString', form: 'url' },
  'state.redis': { server: 'redis', key: 'redisHost', form: 'host' },
};

/** Where what a component talks to is expected. */
export type ComponentAddress = {
  server: ServerName;
  /** The address as it stands in the metadata. */
  text: string;
  /** A cluster has several; of an address that only a name server can tell, there are none. */
  hosts: readonly { host: string; port: number }[];
};

/**
 * Real servers that the environment names, for the components of a type: metadata that replaces what the component files
 * say. Nothing is started in their place.
 */
export function metadataFromEnvironment(
  type: string,
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> | undefined {
  const [variable, key] = environmentVariables[type] ?? [];
  const value = variable === undefined ? undefined : env[variable];
  return key === undefined || value === undefined || value === '' ? undefined : { [key]: value };
}

const environmentVariables: Readonly<Record<string, readonly [variable: string, key: string]>> = {
  'pubsub.kafka': ['KAFKA_BROKERS', 'brokers'],
  // Beats the component's `host`.
  'state.mongodb': ['MONGODB_URI', 'connectionString'],
};

/** A component with what the environment names in place of what its file says. */
export function withEnvironment(component: Component, env: NodeJS.ProcessEnv = process.env): Component {
  const replaced = Object.entries(metadataFromEnvironment(component.type, env) ?? {});
  return { ...component, metadata: new Map([...component.metadata, ...replaced]) };
}

/** The address in a component's metadata, or undefined for one without a server of its own or without an address. */
export function addressOf({ type, metadata }: Component): ComponentAddress | undefined {
  const found = wellKnown[type];
  if (found === undefined) return undefined;
  const text = metadata.get('connectionString') ?? metadata.get(found.key);
  if (text === undefined) return undefined;
  const [defaultPort] = servers[found.server].defaultPorts;
  return { server: found.server, text, hosts: hostsOf(text, defaultPort) };
}

/** The hosts in an address: behind the scheme and the user, which may hold anything, and before the rest. */
function hostsOf(address: string, defaultPort: number): { host: string; port: number }[] {
  // Only a name server knows them.
  if (/^\w+\+srv:/.test(address)) return [];
  const authority = /^(?:[\w+]+:\/\/)?(?:[^/]*@)?([^/?]*)/.exec(address)?.[1] ?? '';
  return authority.split(',').map((part) => {
    const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(part.trim()) ?? [];
    return { host, port: Number(port ?? defaultPort) };
  });
}

/** The metadata that makes a component of this type talk to a port of this machine; `text` is its address so far. */
export function metadataForPort({ type, metadata }: Component, port: number): Record<string, string> {
  const found = wellKnown[type];
  if (found === undefined) return {};
  if (found.form === 'host') return { [found.key]: `127.0.0.1:${port}` };
  const url = new URL(metadata.get(found.key) ?? '');
  url.host = `127.0.0.1:${port}`;
  return { [found.key]: url.href };
}
