import type { Labels } from './label-selector.js';

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** A port of a party, with the name that its pod gives it, if any. */
export type Port = { port: number; protocol: Protocol; name?: string };

/** A sender or receiver: a set of identical pods, or an address outside the cluster. */
export type Party = {
  name: string;
  /** The name of the party that it nearly is, if no connection includes it. */
  nearly?: string;
  pod?: { namespace: string; namespaceLabels: Labels; labels: Labels };
  addresses: readonly string[];
  ports: readonly Port[];
};

/** A party that opens a connection to a port of another party. */
export type Connection = { from: Party; to: Party; port: Port };

/** Pods with these labels in a namespace. */
export function pods(
  name: string,
  namespace: string,
  labels: Labels,
  openPorts: readonly Port[],
): Omit<Party, 'addresses'> {
  const namespaceLabels = { 'kubernetes.io/metadata.name': namespace };
  return { name, pod: { namespace, namespaceLabels, labels }, ports: openPorts };
}

/** The label that most charts give their pods. */
export function named(name: string): Labels {
  return { 'app.kubernetes.io/name': name };
}

export function tcp(port: number, name?: string): Port {
  return { port, protocol: 'TCP', ...(name === undefined ? {} : { name }) };
}

export function udp(port: number): Port {
  return { port, protocol: 'UDP' };
}
