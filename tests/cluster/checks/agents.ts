import { stringify } from 'yaml';
import type { ControlPlane } from '../../kubernetes/control-plane/control-plane.js';
import { agentImage } from '../images/program-images.js';

/** A pod that runs `agent`. */
export type Agent = {
  namespace: string;
  name: string;
  labels?: Readonly<Record<string, string>>;
  annotations?: Readonly<Record<string, string>>;
  /** What it listens on: `tcp/8080` */
  listens?: readonly string[];
  /** It passes connections to a port on to an address instead. */
  forwards?: { port: number; to: string };
  /** The node it runs on, if that matters. */
  node?: string;
  /** The names of its ports. */
  ports?: readonly { name: string; containerPort: number }[];
  /** A pod that is not ready gets no traffic of a Service. */
  staysUnready?: boolean;
};

/** The label of all agents. No policy selects it. */
const agentLabel = { 'unity-purchase/agent': 'true' };

const readyTimeout = '50s';

/** Starts agents, which meet the level `restricted`. Resolves when all of them run. */
export async function startAgents({ apply, kubectl }: ControlPlane, agents: readonly Agent[]): Promise<void> {
  await apply(agents.map((agent) => stringify(podOf(agent))).join('---\n'));
  for (const namespace of new Set(agents.map((agent) => agent.namespace)))
    await kubectl([
      ...['--namespace', namespace, 'wait', '--for=jsonpath={.status.phase}=Running', 'pods'],
      ...['--selector', 'unity-purchase/agent', '--timeout', readyTimeout],
    ]);
}

/** Removes all agents of some namespaces at once. */
export async function removeAgents(
  { kubectl }: ControlPlane,
  namespaces: ReadonlySet<string>,
): Promise<void> {
  for (const namespace of namespaces)
    await kubectl([
      ...['--namespace', namespace, 'delete', 'pods', '--selector', 'unity-purchase/agent'],
      ...['--grace-period=1', '--wait=true'],
    ]);
}

/** Runs a command of `agent` in its pod. Resolves to the lines it printed. */
export async function askAgent(
  { kubectl }: ControlPlane,
  { namespace, name }: Pick<Agent, 'namespace' | 'name'>,
  ...command: string[]
): Promise<string[]> {
  const text = await kubectl([
    ...['--namespace', namespace, 'exec', name, '--container', 'agent', '--'],
    ...['/agent', ...command],
  ]);
  return text.split('\n').filter((line) => line !== '');
}

/** The address of an agent that runs. */
export async function addressOf(
  { client }: ControlPlane,
  { namespace, name }: Pick<Agent, 'namespace' | 'name'>,
): Promise<string> {
  const { status } = await client.getJson<{ status: { podIP: string } }>(
    `/api/v1/namespaces/${namespace}/pods/${name}`,
  );
  return status.podIP;
}

function podOf(agent: Agent): unknown {
  const {
    namespace,
    name,
    labels,
    annotations,
    listens = [],
    ports = [],
    forwards,
    node,
    staysUnready = false,
  } = agent;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { ...labels, ...agentLabel }, annotations: { ...annotations } },
    spec: {
      ...(node === undefined ? {} : { nodeName: node }),
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
        // Some listen on ports below 1024.
        sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '0' }],
      },
      containers: [
        {
          name: 'agent',
          image: agentImage,
          args:
            forwards === undefined ? ['listen', ...listens] : ['forward', String(forwards.port), forwards.to],
          ports,
          ...(staysUnready ? { readinessProbe: { exec: { command: ['/agent', 'fail'] } } } : {}),
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
    },
  };
}
