import { z } from 'zod';
import type { Programs } from './programs.js';

/** What the pods of a personal cluster request, and what Grafana and the exporters use, with a margin. */
export const needed = { cores: 2.5, memoryGiB: 6, diskGiB: 20 } as const;

const quantity = z.union([z.string(), z.number()]).transform(String);
const resourcesSchema = z.object({ cpu: quantity.optional(), memory: quantity.optional() });
const nodesSchema = z.object({
  items: z.array(
    z.object({
      spec: z.object({ unschedulable: z.boolean().optional() }),
      status: z.object({ allocatable: z.record(z.string(), quantity) }),
    }),
  ),
});
const podsSchema = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ namespace: z.string() }),
      status: z.object({ phase: z.string().optional() }),
      spec: z.object({
        containers: z.array(z.object({ resources: z.object({ requests: resourcesSchema.optional() }) })),
      }),
    }),
  ),
});

type Free = { cores: number; memoryGiB: number; diskGiB: number };

/**
 * Compares what the nodes have left with what is needed. Pods in `ours` do not count: they are there from an earlier run.
 *
 * @throws Error naming what is missing
 */
export async function requireCapacity(
  { read }: Programs,
  context: string,
  ours: readonly string[],
): Promise<Free> {
  const get = async (...what: string[]): Promise<unknown> =>
    JSON.parse(await read('kubectl', ['--context', context, 'get', ...what, '--output', 'json']));
  const nodes = nodesSchema.parse(await get('nodes')).items.filter(({ spec }) => spec.unschedulable !== true);
  const pods = podsSchema
    .parse(await get('pods', '--all-namespaces'))
    .items.filter(({ metadata, status }) => !ours.includes(metadata.namespace) && isActive(status.phase));
  const requests = pods.flatMap(({ spec }) =>
    spec.containers.map(({ resources }) => resources.requests ?? {}),
  );
  const free: Free = {
    cores:
      sum(nodes.map(({ status }) => parseQuantity(status.allocatable['cpu']))) -
      sum(requests.map(({ cpu }) => parseQuantity(cpu))),
    memoryGiB:
      gibibytes(sum(nodes.map(({ status }) => parseQuantity(status.allocatable['memory'])))) -
      gibibytes(sum(requests.map(({ memory }) => parseQuantity(memory)))),
    diskGiB: gibibytes(
      sum(nodes.map(({ status }) => parseQuantity(status.allocatable['ephemeral-storage']))),
    ),
  };
  const missing = (Object.keys(needed) as (keyof Free)[]).filter((what) => free[what] < needed[what]);
  if (missing.length > 0)
    throw new Error(
      `The cluster is too small: ${missing.map((what) => `${titles[what]} ${format(free[what])} of ${needed[what]}`).join(', ')}. ` +
        'Give it more, or stop what else runs there.',
    );
  return free;
}

const titles: Readonly<Record<keyof Free, string>> = {
  cores: 'CPU cores',
  memoryGiB: 'GiB of memory',
  diskGiB: 'GiB of disk in all',
};

/** `3 CPU cores, 6 GiB of memory, 15 GiB of disk`. */
export function describeCapacity(capacity: Free): string {
  return (Object.keys(titles) as (keyof Free)[])
    .map((what) => `${format(capacity[what])} ${titles[what]}`)
    .join(', ');
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const factors: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The value of a quantity of Kubernetes, such as `500m`, `2` or `1536Mi`. Zero without one. @throws Error for any other text */
export function parseQuantity(text = '0'): number {
  const [, digits = '', unit = ''] = /^([\d.]+(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = unit === '' ? 1 : factors[unit];
  if (digits === '' || factor === undefined) throw new Error(`${text} is not a quantity of Kubernetes`);
  return Number(digits) * factor;
}

function isActive(phase: string | undefined): boolean {
  return phase !== 'Succeeded' && phase !== 'Failed';
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function gibibytes(bytes: number): number {
  return bytes / 2 ** 30;
}

/** One decimal, rounded down: what is free must not look like more. */
function format(value: number): string {
  return String(Math.floor(value * 10) / 10);
}
