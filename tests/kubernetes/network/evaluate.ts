import { BlockList, isIPv6 } from 'node:net';
import { selects } from './label-selector.js';
import type { NetworkPolicy, Peer, PolicyPort } from './network-policy.js';
import type { Connection, Party, Port } from './party.js';

type Rule = { peers: readonly Peer[] | undefined; ports: readonly PolicyPort[] | undefined };

/** Whether one end of a connection allows a port. */
export type Gate = (port: Port) => boolean;

/**
 * Evaluates network policies as Kubernetes documents them. A pod that no policy selects for a direction is open in that
 * direction. A selected pod allows what any rule of any of its policies allows. Both ends must allow a connection.
 */
export function mayConnect(policies: readonly NetworkPolicy[], { from, to, port }: Connection): boolean {
  return egressGate(policies, from, to)(port) && ingressGate(policies, from, to)(port);
}

/** The ports that the sender's policies allow. A party outside the cluster has no policies. */
export function egressGate(policies: readonly NetworkPolicy[], from: Party, to: Party): Gate {
  return gate(policies, 'Egress', from, to, to);
}

/** The ports that the receiver's policies allow. */
export function ingressGate(policies: readonly NetworkPolicy[], from: Party, to: Party): Gate {
  return gate(policies, 'Ingress', to, from, to);
}

function gate(
  policies: readonly NetworkPolicy[],
  direction: 'Ingress' | 'Egress',
  subject: Party,
  other: Party,
  receiver: Party,
): Gate {
  const applying = policies.filter(
    (policy) => selectsParty(policy, subject) && directionsOf(policy).includes(direction),
  );
  if (applying.length === 0) return () => true;
  const rules = applying.flatMap((policy) =>
    rulesOf(policy, direction).filter(
      ({ peers }) => isEmpty(peers) || peers.some((peer) => matches(peer, policy, other)),
    ),
  );
  return (port) =>
    // In both directions, a port and its name are the receiver's.
    rules.some(({ ports }) => isEmpty(ports) || ports.some((one) => covers(one, port, receiver)));
}

function selectsParty({ metadata, spec }: NetworkPolicy, { pod }: Party): boolean {
  return pod?.namespace === metadata.namespace && selects(spec.podSelector ?? {}, pod.labels);
}

/** Without types, a policy applies to ingress, and to egress only if it has an egress rule. */
function directionsOf({ spec: { policyTypes, egress } }: NetworkPolicy): readonly ('Ingress' | 'Egress')[] {
  if (policyTypes !== undefined && policyTypes.length > 0) return policyTypes;
  return isEmpty(egress) ? ['Ingress'] : ['Ingress', 'Egress'];
}

function rulesOf({ spec }: NetworkPolicy, direction: 'Ingress' | 'Egress'): readonly Rule[] {
  return direction === 'Ingress'
    ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
    : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
}

/** An empty or missing list restricts nothing. */
function isEmpty(list: readonly unknown[] | undefined): list is readonly [] | undefined {
  return list === undefined || list.length === 0;
}

function matches(peer: Peer, policy: NetworkPolicy, { pod, addresses }: Party): boolean {
  if ('ipBlock' in peer) {
    const { cidr, except = [] } = peer.ipBlock;
    return addresses.some((address) => isIn(address, [cidr]) && !isIn(address, except));
  }
  if (pod === undefined) return false;
  const { podSelector = {}, namespaceSelector } = peer;
  // Both selectors in one peer must match. A pod selector alone applies to the policy's own namespace.
  return (
    selects(podSelector, pod.labels) &&
    (namespaceSelector === undefined
      ? pod.namespace === policy.metadata.namespace
      : selects(namespaceSelector, pod.namespaceLabels))
  );
}

function isIn(address: string, blocks: readonly string[]): boolean {
  const family = familyOf(address);
  return blocks.some((block) => {
    const [network, length] = block.split('/');
    if (network === undefined || length === undefined) throw new Error(`${block} is not an address block`);
    // Node maps IPv4 addresses to IPv6, so ::/0 would contain all of them.
    if (familyOf(network) !== family) return false;
    const list = new BlockList();
    list.addSubnet(network, Number(length), family);
    return list.check(address, family);
  });
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

function covers({ protocol = 'TCP', port, endPort }: PolicyPort, wanted: Port, receiver: Party): boolean {
  if (protocol !== wanted.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === 'number') return wanted.port >= port && wanted.port <= (endPort ?? port);
  return receiver.ports.some(
    (one) => one.name === port && one.port === wanted.port && one.protocol === wanted.protocol,
  );
}
