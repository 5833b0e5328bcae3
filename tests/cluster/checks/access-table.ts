import { waitUntil } from '@unity-purchase/tools';
import type { ControlPlane } from '../../kubernetes/control-plane/control-plane.js';
import { textOf } from '../../kubernetes/network/connections.js';
import { expectedWith, readFlows } from '../../kubernetes/network/flows.js';
import { parties, ports, productNamespace } from '../../kubernetes/network/parties.js';
import type { Party } from '../../kubernetes/network/party.js';
import { addressOf, askAgent, removeAgents, startAgents, type Agent } from './agents.js';

/** The table of allowed connections, tried between real pods. */
export type AccessTable = AsyncDisposable & {
  /** Resolves to what was tried, once every connection works or is refused as the table says. Rejects with the differences. */
  holds: () => Promise<string>;
  /** Resolves to the connections that work and are not in the table, once there are some. */
  opens: () => Promise<string[]>;
};

/** A firewall follows a new pod or a changed policy within seconds. */
const enforcedWithinMs = 60_000;

/** The party whose pods are real here. A pod with its labels would be asked for names. */
const clusterDns = 'cluster DNS';

/** A pod of a party. */
type Member = { party: Party; agent: Agent; address: string };

/** Starts one pod for each party of the network policies' table, which listens on every port that any party has. */
export async function startAccessTable(
  controlPlane: ControlPlane,
  components: readonly string[],
): Promise<AccessTable> {
  const expected = expectedWith(await readFlows(), components);
  const chosen = parties.filter((party) => party.pod !== undefined && takesPart(party, expected));
  const listens = ports.map(({ protocol, port }) => `${protocol.toLowerCase()}/${String(port)}`);
  const members = chosen.map((party, index) => ({ party, agent: agentOf(party, index, listens) }));
  const namespaces = new Set(members.map(({ agent }) => agent.namespace));
  for (const namespace of namespaces)
    await controlPlane.apply(`{ apiVersion: v1, kind: Namespace, metadata: { name: ${namespace} } }`);
  await startAgents(
    controlPlane,
    members.map(({ agent }) => agent),
  );
  const addressed: Member[] = [];
  for (const member of members)
    addressed.push({ ...member, address: await addressOf(controlPlane, member.agent) });

  const tried = triedConnections(addressed);
  const allowed = [...expected].filter((one) => tried.has(one));
  const differences = async () => {
    const open = await openConnections(controlPlane, addressed);
    return {
      missing: allowed.filter((one) => !open.has(one)),
      unlisted: [...open].filter((one) => !expected.has(one)),
    };
  };
  return {
    opens: async () => {
      let unlisted: string[] = [];
      await waitUntil(async () => {
        ({ unlisted } = await differences());
        return unlisted.length > 0 || 'only the connections of the table work';
      }, enforcedWithinMs);
      return unlisted;
    },
    holds: async () => {
      await waitUntil(async () => {
        const found = await differences();
        const wrong = [
          ...found.missing.map((one) => `refused: ${one}`),
          ...found.unlisted.map((one) => `not in the table: ${one}`),
        ];
        return wrong.length === 0 || wrong.slice(0, 10).join('; ');
      }, enforcedWithinMs);
      return `${String(tried.size)} connections between ${String(addressed.length)} pods, of which exactly the ${String(allowed.length)} in the table work`;
    },
    [Symbol.asyncDispose]: () => removeAgents(controlPlane, namespaces),
  };
}

/** Whether a party is in our namespace, appears in an expected connection, or nearly is one of these. */
function takesPart({ name, nearly = name, pod }: Party, expected: ReadonlySet<string>): boolean {
  if (nearly === clusterDns) return false;
  const isOurs = parties.some((party) => party.name === nearly && party.pod?.namespace === productNamespace);
  return (
    isOurs ||
    pod?.namespace === productNamespace ||
    [...expected].some((one) => one.startsWith(`${nearly} → `) || one.includes(` → ${nearly} `))
  );
}

function agentOf({ pod, ports: own }: Party, index: number, listens: readonly string[]): Agent {
  if (pod === undefined) throw new Error('a party without pods has no agent');
  return {
    namespace: pod.namespace,
    name: `party-${String(index)}`,
    labels: pod.labels,
    listens,
    ports: own.flatMap(({ name, port }) => (name === undefined ? [] : [{ name, containerPort: port }])),
  };
}

/** Every connection that begins or ends in our namespace, by the sender. */
function targetsOf(from: Member, members: readonly Member[]): Member[] {
  const ours = ({ party }: Member): boolean => party.pod?.namespace === productNamespace;
  return members.filter((to) => to !== from && (ours(from) || ours(to)));
}

function triedConnections(members: readonly Member[]): ReadonlySet<string> {
  return new Set(
    members.flatMap((from) =>
      targetsOf(from, members).flatMap((to) =>
        ports.map((port) => textOf({ from: from.party, to: to.party, port })),
      ),
    ),
  );
}

async function openConnections(
  controlPlane: ControlPlane,
  members: readonly Member[],
): Promise<ReadonlySet<string>> {
  const open = new Set<string>();
  for (const from of members) {
    const names = new Map(
      targetsOf(from, members).flatMap((to) =>
        ports.map((port) => [
          `${port.protocol.toLowerCase()}/${to.address}:${String(port.port)}`,
          textOf({ from: from.party, to: to.party, port }),
        ]),
      ),
    );
    const answered = await askAgent(controlPlane, from.agent, 'connect', ...names.keys());
    for (const address of answered) open.add(names.get(address) ?? address);
  }
  return open;
}
