import type { LabelSelector, NetworkPolicy, Peer, PolicyPort } from './network-policy.js';

/** A policy with one change, described in words. `undefined` means that the policy is removed. */
export type Mutation = { what: string; policy: NetworkPolicy | undefined };

/** A rule of either direction. */
type Rule = {
  from?: Peer[] | undefined;
  to?: Peer[] | undefined;
  ports?: PolicyPort[] | undefined;
};

/** Mutations that each remove one permission of a policy. A permission that nothing needs is superfluous. */
export function narrowed(policy: NetworkPolicy): Mutation[] {
  return [
    ...(allows(policy)
      ? [
          { what: 'without the policy', policy: undefined },
          ...without(policy, 'a direction', (copy) => [ifLong(copy.spec.policyTypes)]),
        ]
      : []),
    ...without(policy, 'a rule', rulesOf),
    ...without(policy, 'a peer', (copy) =>
      rulesIn(copy).flatMap(({ from, to }) => [ifLong(from), ifLong(to)]),
    ),
    ...without(policy, 'a port', (copy) => rulesIn(copy).map(({ ports }) => ifLong(ports))),
    ...without(policy, 'a value', (copy) =>
      [copy.spec.podSelector, ...peerSelectorsIn(copy)]
        .flatMap((selector) => selector?.matchExpressions ?? [])
        .map((expression) => ('values' in expression ? ifLong(expression.values) : undefined)),
    ),
  ];
}

/** Mutations that each lift one restriction of a policy. A restriction that opens nothing new is superfluous. */
export function widened(policy: NetworkPolicy): Mutation[] {
  return [
    ...(allows(policy)
      ? []
      : [
          { what: 'without the policy', policy: undefined },
          ...without(policy, 'a direction', (copy) => [ifLong(copy.spec.policyTypes)]),
        ]),
    ...changed(policy, 'for every pod of the namespace', (copy) => [
      restricts(copy.spec.podSelector) && (() => (copy.spec.podSelector = {})),
    ]),
    ...changed(policy, 'a rule for all peers', (copy) =>
      rulesIn(copy).map((rule) => () => {
        delete rule.from;
        delete rule.to;
      }),
    ),
    ...changed(policy, 'a rule for all ports', (copy) =>
      rulesIn(copy).map((rule) => () => delete rule.ports),
    ),
    ...changed(policy, 'all ports of a protocol', (copy) =>
      rulesIn(copy).flatMap(({ ports = [] }) => ports.map((port) => () => delete port.port)),
    ),
    ...changed(policy, 'a peer without one of its labels', (copy) =>
      peerSelectorsIn(copy).flatMap(({ matchLabels = {} }) =>
        Object.keys(matchLabels).map((key) => () => Reflect.deleteProperty(matchLabels, key)),
      ),
    ),
    ...without(policy, 'an exception', (copy) =>
      peersIn(copy).map((peer) => ('ipBlock' in peer ? peer.ipBlock.except : undefined)),
    ),
  ];
}

function allows(policy: NetworkPolicy): boolean {
  return rulesIn(policy).length > 0;
}

function rulesOf({ spec }: NetworkPolicy): (Rule[] | undefined)[] {
  return [spec.ingress, spec.egress];
}

function rulesIn(policy: NetworkPolicy): Rule[] {
  return rulesOf(policy).flatMap((rules) => rules ?? []);
}

function peersIn(policy: NetworkPolicy): Peer[] {
  return rulesIn(policy).flatMap(({ from = [], to = [] }) => [...from, ...to]);
}

function peerSelectorsIn(policy: NetworkPolicy): LabelSelector[] {
  return peersIn(policy)
    .flatMap((peer) => ('ipBlock' in peer ? [] : [peer.podSelector, peer.namespaceSelector]))
    .filter((selector) => selector !== undefined);
}

function restricts(selector: LabelSelector | undefined): boolean {
  return Object.keys(selector ?? {}).length > 0;
}

/** The list if it has two entries or more: without its only entry, it would mean everything. */
function ifLong<List extends unknown[]>(list: List | undefined): List | undefined {
  return list !== undefined && list.length > 1 ? list : undefined;
}

/** A copy of the policy for each entry of the lists, without that entry. */
function without(
  policy: NetworkPolicy,
  what: string,
  listsOf: (copy: NetworkPolicy) => readonly (unknown[] | undefined)[],
): Mutation[] {
  return changed(policy, `without ${what}`, (copy) =>
    listsOf(copy).flatMap((list) => (list ?? []).map((_, index) => () => list?.splice(index, 1))),
  );
}

/** A copy of the policy for each change, with only that change. */
function changed(
  policy: NetworkPolicy,
  what: string,
  changesOf: (copy: NetworkPolicy) => readonly (false | (() => unknown))[],
): Mutation[] {
  return changesOf(structuredClone(policy)).flatMap((_, index) => {
    const copy = structuredClone(policy);
    const change = changesOf(copy)[index];
    if (change === undefined || change === false) return [];
    change();
    return [{ what: `${what} (${String(index + 1)})`, policy: copy }];
  });
}
