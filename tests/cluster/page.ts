import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { projectRoot, versions } from '@unity-purchase/tools';
import { format, resolveConfig } from 'prettier';
import { markdownTable } from '../reports/markdown-table.js';
import { daprVersion } from './images/cluster-images.js';
import type { Observation } from './promises.js';

/** The results of a run. */
export type Run = {
  startedAt: Date;
  observations: readonly Observation[];
  /** Why the run ended early, if it did. */
  abortReason: string | undefined;
  pair: { broker: string; store: string };
};

/** Writes docs/cluster.md: what ran, how it differs from a cluster of an operator, and what was observed. */
export async function writePage(run: Run): Promise<void> {
  const file = join(projectRoot, 'docs', 'cluster.md');
  await mkdir(join(projectRoot, 'docs'), { recursive: true });
  const text = pageOf(run, await daprVersion());
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

function pageOf({ startedAt, observations, abortReason, pair }: Run, chart: string): string {
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
        ['DNS', `CoreDNS ${coredns}`, 'a pod'],
        [
          "Dapr's operator, sentry and injector",
          `chart ${chart}, programs ${daprdSource}`,
          'pods, with mTLS',
        ],
        ['sidecars', 'the one that npm start builds', 'injected into pods'],
        ['storefront, purchase-service', 'this checkout', 'pods, from the images of a release'],
        [`the broker (${pair.broker}) and the store (${pair.store})`, 'k8s/plain-servers', 'pods'],
      ],
    ),
    '',
    'Everything is installed with `k8s/scripts`, `k8s/plain-servers`, the overlay `ci` with two changed lines, and the steps of',
    '`npm run cluster`.',
    '',
    '## How it differs from your cluster',
    '',
    '- No image comes from a registry. Each has one layer with the same program, built from its Go module or unpacked from Debian.',
    `- The module proxy lacks what Dapr ${chart} is built with. Its chart installs programs of ${daprdSource}.`,
    '- Nothing creates volumes: they are folders of the first node.',
    '- The control plane runs outside of the cluster. Both nodes share the kernel, the disk and the memory of one machine.',
    '- KEDA, Prometheus and Argo CD do not run here. [autoscaling.md](autoscaling.md) shows KEDA with simulated nodes.',
    '',
  ].join('\n');
}
