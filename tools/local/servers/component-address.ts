import type { Component } from '../runner/resource-documents.js';
import type { ComponentDefinition, ServerComponent } from './component-definition.js';
import type { ServerDefinition } from './server-definition.js';
import { componentDefinitions } from './servers.js';

/** Where a component expects its server. */
export type ComponentAddress = {
  server: ServerDefinition;
  /** The address as the metadata has it. */
  text: string;
  /** Every member of a cluster. Empty for an address that only a name server can resolve. */
  hosts: readonly { host: string; port: number }[];
};

/** Returns the definition for a component type, or undefined for a type that is neither a broker nor a store. */
export function definitionOf(type: string): ComponentDefinition | undefined {
  return componentDefinitions.find((definition) => definition.type === type);
}

/** Returns the definition for a component type that connects to a server, or undefined for any other type. */
export function serverComponentOf(type: string): ServerComponent | undefined {
  const definition = definitionOf(type);
  return definition?.server === undefined ? undefined : definition;
}

/** The environment variables that name servers elsewhere, in place of those of the component files. */
export const addressVariables: readonly string[] = componentDefinitions.flatMap((definition) =>
  definition.server === undefined ? [] : (definition.address.environment?.variable ?? []),
);

/**
 * Returns the metadata that the environment sets for components of a type, or undefined. It replaces what the component
 * files say, and no server is started for it.
 */
export function metadataFromEnvironment(
  type: string,
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> | undefined {
  const environment = serverComponentOf(type)?.address.environment;
  const value = environment === undefined ? undefined : env[environment.variable];
  return environment === undefined || value === undefined || value === ''
    ? undefined
    : { [environment.key]: value };
}

/** Returns the component with the metadata that the environment sets. */
export function withEnvironment(component: Component, env: NodeJS.ProcessEnv = process.env): Component {
  const replaced = Object.entries(metadataFromEnvironment(component.type, env) ?? {});
  return { ...component, metadata: new Map([...component.metadata, ...replaced]) };
}

/** Returns the address in a component's metadata, or undefined for a component without a server or without an address. */
export function addressOf({ type, metadata }: Component): ComponentAddress | undefined {
  const definition = serverComponentOf(type);
  if (definition === undefined) return undefined;
  const { server, address } = definition;
  const text = metadata.get(address.environment?.key ?? address.key) ?? metadata.get(address.key);
  return text === undefined ? undefined : { server, text, hosts: hostsOf(text, server.defaultPorts[0]) };
}

/** The hosts of an address: they follow the scheme and the user, whose password may contain any character. */
function hostsOf(address: string, defaultPort: number): { host: string; port: number }[] {
  // Only a name server can resolve an SRV address.
  if (/^\w+\+srv:/.test(address)) return [];
  const authority = /^(?:[\w+]+:\/\/)?(?:[^/]*@)?([^/?]*)/.exec(address)?.[1] ?? '';
  return authority.split(',').map((part) => {
    const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(part.trim()) ?? [];
    return { host, port: Number(port ?? defaultPort) };
  });
}

/** Returns the metadata that points a component to a port of this machine. The rest of a URL stays as it is. */
export function metadataForPort({ type, metadata }: Component, port: number): Record<string, string> {
  const address = serverComponentOf(type)?.address;
  if (address === undefined) return {};
  if (address.form === 'host') return { [address.key]: `127.0.0.1:${port}` };
  const url = new URL(metadata.get(address.key) ?? '');
  url.host = `127.0.0.1:${port}`;
  return { [address.key]: url.href };
}
