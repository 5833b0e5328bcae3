import { ingressGate, egressGate } from './evaluate.js';
import type { NetworkPolicy } from './network-policy.js';
import { parties, ports, productNamespace } from './parties.js';
import type { Connection, Party } from './party.js';

/** `storefront → Redis TCP 6379`. */
export function textOf({ from, to, port }: Connection): string {
  return `${from.name} → ${to.name} ${port.protocol} ${String(port.port)}`;
}

/** The allowed connections, of all that begin or end in our namespace. */
export type Allowed = {
  /** Allowed by the policies of both ends. */
  possible: ReadonlySet<string>;
  /** Allowed by at least one end in our namespace, even if the other end refuses it. */
  offered: ReadonlySet<string>;
};

/** All connections that the policies allow between the parties. Policies of other namespaces are unknown here. */
export function allowedBy(policies: readonly NetworkPolicy[]): Allowed {
  const possible = new Set<string>();
  const offered = new Set<string>();
  for (const [from, to] of everyPair) {
    const leaves = egressGate(policies, from, to);
    const enters = ingressGate(policies, from, to);
    for (const port of ports) {
      if (leaves(port) && enters(port)) possible.add(textOf({ from, to, port }));
      if ((isOurs(from) && leaves(port)) || (isOurs(to) && enters(port)))
        offered.add(textOf({ from, to, port }));
    }
  }
  return { possible, offered };
}

/** Compares the allowed connections with the expected ones. Each end must restrict the connection by itself. */
export function differences({ possible, offered }: Allowed, expected: ReadonlySet<string>) {
  return {
    missing: [...expected].filter((one) => !possible.has(one)),
    unlisted: [...offered].filter((one) => !expected.has(one)),
  };
}

function isOurs({ pod }: Party): boolean {
  return pod?.namespace === productNamespace;
}

const everyPair = parties.flatMap((from) =>
  parties.filter((to) => isOurs(from) || isOurs(to)).map((to) => [from, to] as const),
);
