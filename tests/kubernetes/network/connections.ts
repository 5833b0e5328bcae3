import { wayIn, wayOut } from './evaluate.js';
import type { NetworkPolicy } from './network-policy.js';
import { parties, ports, productNamespace } from './parties.js';
import type { Connection, Party } from './party.js';

/** A connection as people read it. */
export function textOf({ from, to, port }: Connection): string {
  return `${from.name} → ${to.name} ${port.protocol} ${String(port.port)}`;
}

/** What may connect to what, of all connections that begin or end in our namespace. */
export type Allowed = {
  /** What both ends allow, where both are ours. */
  possible: ReadonlySet<string>;
  /** What at least one end allows that is ours: more than is possible where the other end does not rely on it. */
  offered: ReadonlySet<string>;
};

/** Everything that policies allow between the parties. Policies of other namespaces are others' affair. */
export function allowedBy(policies: readonly NetworkPolicy[]): Allowed {
  const possible = new Set<string>();
  const offered = new Set<string>();
  for (const [from, to] of everyPair) {
    const leaves = wayOut(policies, from, to);
    const enters = wayIn(policies, from, to);
    for (const port of ports) {
      if (leaves(port) && enters(port)) possible.add(textOf({ from, to, port }));
      if ((isOurs(from) && leaves(port)) || (isOurs(to) && enters(port)))
        offered.add(textOf({ from, to, port }));
    }
  }
  return { possible, offered };
}

/** How what is allowed differs from what is wanted. Each end has to keep to it by itself. */
export function differences({ possible, offered }: Allowed, wanted: ReadonlySet<string>) {
  return {
    missing: [...wanted].filter((one) => !possible.has(one)),
    unlisted: [...offered].filter((one) => !wanted.has(one)),
  };
}

/** Whether a party is in our namespace. */
function isOurs({ pod }: Party): boolean {
  return pod?.namespace === productNamespace;
}

const everyPair = parties.flatMap((from) =>
  parties.filter((to) => isOurs(from) || isOurs(to)).map((to) => [from, to] as const),
);
