import type { Labels } from './label-selector.js';

export type Protocol = 'TCP' | 'UDP' | 'SCTP';

/** A port of a party, with its name where its pod gives it one. */
export type Port = { port: number; protocol: Protocol; name?: string };

/** Who sends or receives: pods that are alike, or something outside the cluster, which has addresses and nothing else. */
export type Party = {
  name: string;
  pod?: { namespace: string; namespaceLabels: Labels; labels: Labels };
  addresses: readonly string[];
  ports: readonly Port[];
};

/** One party opening a connection to a port of another. */
export type Connection = { from: Party; to: Party; port: Port };
