import { BlockList, isIPv6 } from 'node:net';
import { selects } from './label-selector.js';
import type { NetworkPolicy, Peer, PolicyPort } from './network-policy.js';
import type { Connection, Party, Port } from './party.js';

type Rule = { peers: readonly Peer[] | undefined; ports: readonly PolicyPort[] | undefined };

/** Which ports are open on one side of a connection. */
export type Gate = (port: Port) => boolean;

/**
 * What NetworkPolicies mean, as Kubernetes documents it. A pod that no policy selects for a direction is open in it; one that is
 * selected allows what any rule of any of its policies allows. A connection needs the sender's and the receiver's leave.
 */
export function mayConnect(policies: readonly NetworkPolicy[], { from, to, port }: Connection): boolean {
  return wayOut(policies, from, to)(port) && wayIn(policies, from, to)(port);
}

/** Where the sender's policies let it go to. What is outside the cluster has none. */
export function wayOut(policies: readonly NetworkPolicy[], from: Party, to: Party): Gate {
  return gate(policies, 'Egress', from, to, to);
}

/** Where the receiver's policies let the sender in. */
export function wayIn(policies: readonly NetworkPolicy[], from: Party, to: Party): Gate {
  return gate(policies, 'Ingress', to, from, to);
}

function gate(
  policies: readonly NetworkPolicy[],
  direction: 'Ingress' | 'Egress',
  about: Party,
  other: Party,
  receiver: Party,
): Gate {
  const applying = policies.filter(
    (policy) => isAbout(policy, about) && directionsOf(policy).includes(direction),
  );
  if (applying.length === 0) return () => true;
  const rules = applying.flatMap((policy) =>
    rulesOf(policy, direction).filter(
      ({ peers }) => isEmpty(peers) || peers.some((peer) => isMeant(peer, policy, other)),
    ),
  );
  return (port) =>
    // The port is the receiver's in both directions, and so is its name.
    rules.some(({ ports }) => isEmpty(ports) || ports.some((one) => covers(one, port, receiver)));
}

function isAbout({ metadata, spec }: NetworkPolicy, { pod }: Party): boolean {
  return pod?.namespace === metadata.namespace && selects(spec.podSelector ?? {}, pod.labels);
}

/** Without types a policy is about what enters, and about what leaves only where it has a rule for it. */
function directionsOf({ spec: { policyTypes, egress } }: NetworkPolicy): readonly ('Ingress' | 'Egress')[] {
  if (policyTypes !== undefined && policyTypes.length > 0) return policyTypes;
  return isEmpty(egress) ? ['Ingress'] : ['Ingress', 'Egress'];
}

function rulesOf({ spec }: NetworkPolicy, direction: 'Ingress' | 'Egress'): readonly Rule[] {
  return direction === 'Ingress'
    ? (spec.ingress ?? []).map(({ from, ports }) => ({ peers: from, ports }))
    : (spec.egress ?? []).map(({ to, ports }) => ({ peers: to, ports }));
}

/** A list that is empty or not there restricts nothing. */
function isEmpty(list: readonly unknown[] | undefined): list is readonly [] | undefined {
  return list === undefined || list.length === 0;
}

function isMeant(peer: Peer, policy: NetworkPolicy, { pod, addresses }: Party): boolean {
  if ('ipBlock' in peer) {
    const { cidr, except = [] } = peer.ipBlock;
    return addresses.some((address) => isIn(address, [cidr]) && !isIn(address, except));
  }
  if (pod === undefined) return false;
  const { podSelector = {}, namespaceSelector } = peer;
  // Both in one peer: pods with those labels, in such namespaces. A pod selector alone is about the policy's own namespace.
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
    if (network === undefined || length === undefined)
      throw new Error(`${block} is not a block of addresses.`);
    // Node would find every IPv4 address in ::/0, as one that is written in IPv6.
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
