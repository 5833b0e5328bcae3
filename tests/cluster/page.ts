import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { projectRoot, versions } from '@unity-purchase/tools';
import { format, resolveConfig } from 'prettier';
import { markdownTable } from '../reports/markdown-table.js';
import { daprVersion } from './images/cluster-images.js';
import type { Observation } from './promises.js';
import { smallScale } from './scenarios/autoscaling.js';
import type { Pair } from './shop.js';

/** The results of a run. */
export type Run = {
  startedAt: Date;
  observations: readonly Observation[];
  /** Why the run ended early, if it did. */
  abortReason: string | undefined;
  /** The pairs of broker and store, in order. */
  pairs: Readonly<Record<'first' | 'second', Pair>>;
};

/** Writes docs/cluster.md: what ran, how it differs from a cluster of an operator, and what was observed. */
export async function writePage(run: Run): Promise<void> {
  const file = join(projectRoot, 'docs', 'cluster.md');
  await mkdir(join(projectRoot, 'docs'), { recursive: true });
  const text = pageOf(run, await daprVersion());
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

function pageOf({ startedAt, observations, abortReason, pairs }: Run, chart: string): string {
  const broken = observations.filter(({ isKept }) => !isKept).length;
  const minutes = Math.round((Date.now() - startedAt.getTime()) / 60_000);
  const outcome =
    abortReason === undefined
      ? broken === 0
        ? `All ${String(observations.length)} promises were kept.`
        : `**${String(broken)} of ${String(observations.length)} promises were broken.**`
      : `**It ended early: ${abortReason}**`;
  const { kubernetes, etcd, coredns, daprdSource } = versions;
  return [
    '# The shop on real nodes',
    '',
    `Written by \`npm run test:cluster\` on ${startedAt.toISOString().slice(0, 10)}, after ${String(minutes)} minutes on ` +
      `${String(cpus().length)} cores. ${outcome}`,
    '',
    '## What was observed',
    '',
    ...markdownTable(
      ['promise', 'observed', 's', ''],
      observations.map(({ promise, observed, seconds, isKept }) => [
        promise,
        observed,
        seconds.toFixed(0),
        isKept ? 'kept' : '**broken**',
      ]),
    ),
    '',
    '## What ran',
    '',
    ...markdownTable(
      ['what', 'version', 'how'],
      [
        ['etcd, kube-apiserver, controller manager, scheduler', `${etcd}, ${kubernetes}`, 'processes'],
        [
          'two nodes: kubelet, kube-proxy, containerd, runc',
          kubernetes,
          'processes, each node in a network namespace',
        ],
        ['network policies', `kube-router ${versions['kube-router']}`, 'a process on each node'],
        ['DNS', `CoreDNS ${coredns}`, 'pods'],
        [
          "Dapr's operator, sentry and injector",
          `chart ${chart}, programs ${daprdSource}`,
          'pods, with mTLS',
        ],
        ['KEDA', versions.keda, "pods, from its module's manifests"],
        ['Prometheus', versions.prometheus, 'a pod, without its operator'],
        ['metrics-server', versions['metrics-server'], 'a pod, for `npm run cluster`'],
        ['Jaeger', `module ${versions.jaegerSource}`, 'a pod of k8s/plain-servers, for `npm run cluster`'],
        ['a registry of images', versions.registry, 'a process, for `npm run cluster`'],
        ['Argo CD', versions.argocd, "pods, from its module's manifests"],
        ['sidecars', 'the one that npm start builds', 'injected into pods'],
        ['storefront, purchase-service', 'this checkout', 'pods, from the images of a release'],
        [
          'brokers and stores',
          `${nameOf(pairs.first)}; then ${nameOf(pairs.second)}`,
          'pods of k8s/plain-servers',
        ],
        ['the gateway', 'a forwarder of connections', "a pod with the labels of Envoy's"],
        ['git', 'a repository with the manifests', 'a process'],
      ],
    ),
    '',
    'Everything is installed with `k8s/scripts`, `k8s/plain-servers`, the overlay `ci` with the gateway added, and the steps of',
    '`npm run cluster`. Argo CD follows the overlay `staging`, with plain servers and visitors instead of external secrets and OpenID Connect.',
    '',
    '## How it differs from your cluster',
    '',
    '- Only `npm run cluster` has images from a registry, those of both services: it pushes what was built for this run. Every other image has',
    '  one layer with the same program, built from its Go module or unpacked from Debian.',
    `- The module proxy lacks what Dapr ${chart} is built with. Its chart installs programs of ${daprdSource}.`,
    '- MongoDB is FerretDB on PostgreSQL with DocumentDB. RabbitMQ and Redis are those of Debian.',
    '- Only the chart of Dapr is available. KEDA and Argo CD are installed from the manifests in their modules, with the settings that',
    '  the product gives Argo CD. Argo CD follows the Applications `namespaces`, `dapr` and `purchase-system` only.',
    '- Prometheus has the configuration that its operator would write for the storefront. In the place of Grafana, which is in no package',
    '  registry, a program accepts connections and shows nothing.',
    ...Object.entries(smallScale).map(
      ([service, { name, production, used, stabilizationSeconds, periodSeconds }]) =>
        `- Where requests and a backlog scale both services, ${name} of the ${service} is ${used} instead of ${production}, and pods are removed after ` +
        `${String(stabilizationSeconds)} s, one each ${String(periodSeconds)} s.`,
    ),
    '- The change of the broker waits for an empty backlog for 20 s instead of 16 minutes, because nothing fails here.',
    '- The next version is this one, with one more field in its events. What a release checks in the registry before it is left out here;',
    '  `npm run test:release` checks it.',
    '- Nothing creates volumes: they are folders of the first node.',
    '- The control plane runs outside of the cluster. Both nodes share the kernel, the disk and the memory of one machine.',
    '',
  ].join('\n');
}

function nameOf({ broker, store }: Pair): string {
  return `${broker} and ${store}`;
}
