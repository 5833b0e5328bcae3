import { cpus } from 'node:os';
import { versions } from '@unity-purchase/tools';
import { markdownTable } from '../reports/markdown-table.js';
import type { Deployed } from './deployed.js';
import type { Step } from './expectations.js';
import { services } from './observations.js';
import type { Settings } from './settings.js';

/** The results of a run. */
export type Run = {
  settings: Settings;
  startedAt: Date;
  seconds: number;
  deployed: Deployed;
  steps: readonly Step[];
  /** Why the run was aborted, if it was. */
  abortReason: string | undefined;
  prometheusVersion: string;
};

/** The Markdown page about a run: what ran, what was changed for it, and whether each expectation was met. */
export function reportOf(run: Run): string {
  const { settings, startedAt, seconds, deployed, steps, abortReason } = run;
  const unmet = steps.filter(({ isMet }) => !isMet).length;
  const outcome =
    abortReason === undefined
      ? unmet === 0
        ? `All ${steps.length} expectations were met.`
        : `**${unmet} of ${steps.length} expectations were not met.**`
      : `**Aborted: ${abortReason}**`;
  return [
    '# The autoscaling under load',
    '',
    `Written by \`npm run test:autoscaling\` on ${startedAt.toISOString().slice(0, 10)}, after ${duration(seconds)} on ` +
      `${cpus().length} cores. ${outcome}`,
    '',
    ...(settings.quick
      ? ['**A quick run, with shorter windows than those that are deployed: it proves less.**', '']
      : []),
    '![Load against replicas](autoscaling.svg)',
    '',
    'The scale of the lag is logarithmic. A line has a gap while its source was unavailable.',
    '',
    '## What ran',
    '',
    'Real processes on one machine, without containers:',
    '',
    ...markdownTable(
      ['what', 'version', 'for'],
      [
        [
          'etcd, kube-apiserver',
          `${versions.etcd}, ${versions.kubernetes}`,
          'the API server with the overlay `prod`',
        ],
        [
          'kube-controller-manager',
          versions.kubernetes,
          'Deployments, the autoscaler (HPA), disruption budgets',
        ],
        ['kube-scheduler', versions.kubernetes, 'the placement on three nodes in three zones'],
        ['KEDA operator and metrics adapter', versions.keda, 'both ScaledObjects'],
        ['KWOK', versions.kwok, 'simulated nodes: a pod is ready as soon as it has a node'],
        [
          'Prometheus',
          run.prometheusVersion,
          'the metrics of ready storefront pods, as its PodMonitor configures',
        ],
        ['Kafka', versions.kafka, 'the topic `purchase-events` with 20 partitions'],
      ],
    ),
    '',
    'The run replaces the storefront’s pods: it listens at the address and ports of each ready pod. It sends real requests,',
    'answers them, refuses more than 40 in one second, and counts both in the metrics that Prometheus reads. Purchases are',
    'real messages. One real member of the group `purchase-service` records them, 4 per second for each ready pod. So the',
    'services, their sidecars and the rebalancing of partitions are not part of this test. Prometheus reads its targets',
    'from a file, which the run writes from the API server’s data, because this build lacks the Kubernetes discovery.',
    '',
    '## Changes for this run',
    '',
    ...markdownTable(
      ['object', 'field', 'rendered', 'used'],
      deployed.substitutions.map(({ where, what, rendered, used }) => [
        where,
        `\`${what}\``,
        `\`${rendered}\``,
        used === 'left out' ? used : `\`${used.replace(/:\d+$/, ':PORT')}\``,
      ]),
    ),
    '',
    deployed.leftOut.length === 0
      ? 'Every object was applied.'
      : `Not applied, because this API server lacks their definitions: ${deployed.leftOut.join(', ')}.`,
    '',
    ...services.flatMap((service) => [
      `## ${service}`,
      '',
      ...markdownTable(
        ['from', 'to', 'when', 'expected', 'observed', ''],
        steps
          .filter((step) => step.service === service)
          .map((step) => [
            clock(step.fromSeconds),
            clock(step.toSeconds),
            step.when,
            step.expected,
            step.observed,
            step.isMet ? 'met' : '**not met**',
          ]),
      ),
      '',
    ]),
    '## Why these numbers',
    '',
    'The autoscaler changes nothing while the load is within a tenth of its pods’ target. Otherwise it wants the load',
    'divided by the target of one pod, rounded up. The target of two pods is 40 requests/s: 43 change nothing, and 45 make',
    'three pods (44 depends on rounding and is not tested). The target of three pods is 60: 61 change nothing. The same',
    'holds for a lag of 10 per pod: 21, 23 and 32.',
    '',
    'Prometheus and Kafka stay unavailable for longer than the window before a scale-down. If missing data counted as no',
    'load, the number of pods would drop by then. Within the window it could not.',
    '',
    'Both services keep their pods, in two ways. While Prometheus does not answer, KEDA answers with its fallback. While',
    'Kafka is unavailable, KEDA cannot even prepare its query and answers nothing. Then the fallback does not apply, and',
    'the autoscaler changes nothing. For a minute after its start, Prometheus counts too few requests: the window before a',
    'scale-down is longer than that.',
    '',
  ].join('\n');
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function duration(seconds: number): string {
  return `${Math.round(seconds / 60)} minutes`;
}
