import { cpus } from 'node:os';
import { versions } from '@unity-purchase/tools';
import type { Deployed } from './deployed.js';
import type { Step } from './expectations.js';
import { services } from './observations.js';
import type { Settings } from './settings.js';

/** All there is to say about a run. */
export type Run = {
  settings: Settings;
  startedAt: Date;
  seconds: number;
  deployed: Deployed;
  steps: readonly Step[];
  /** Where a run was given up. */
  givenUp: string | undefined;
  prometheusVersion: string;
};

/** The page of a run, for whoever wants to know what was shown and what was not. */
export function recordOf(run: Run): string {
  const { settings, startedAt, seconds, deployed, steps, givenUp } = run;
  const unmet = steps.filter(({ isMet }) => !isMet).length;
  const outcome =
    givenUp === undefined
      ? unmet === 0
        ? `All ${steps.length} expectations were met.`
        : `**${unmet} of ${steps.length} expectations were not met.**`
      : `**Given up: ${givenUp}**`;
  return [
    '# The autoscaling, tried',
    '',
    `Written by \`npm run test:autoscaling\` on ${startedAt.toISOString().slice(0, 10)}, after ${duration(seconds)} on ` +
      `${cpus().length} cores. ${outcome}`,
    '',
    ...(settings.quick
      ? ['**A quick run, with shorter windows than those that are deployed: it proves less.**', '']
      : []),
    '![Load against replicas](autoscaling.svg)',
    '',
    'The scale of the lag is logarithmic. A line is broken while nobody could be asked.',
    '',
    '## What ran',
    '',
    'Plain processes on one machine, all real but the containers:',
    '',
    ...table(
      ['what', 'version', 'for'],
      [
        ['etcd, kube-apiserver', `${versions.etcd}, ${versions.kubernetes}`, 'the overlay `prod`, applied'],
        [
          'kube-controller-manager',
          versions.kubernetes,
          'Deployments, the autoscaler (HPA), disruption budgets',
        ],
        ['kube-scheduler', versions.kubernetes, 'pods onto three nodes in three zones'],
        ['KEDA operator and metrics adapter', versions.keda, 'both ScaledObjects'],
        ['KWOK', versions.kwok, 'nodes without machines: a pod is ready as soon as it has a node'],
        [
          'Prometheus',
          run.prometheusVersion,
          'the storefront’s ready pods, asked and labelled as its PodMonitor says',
        ],
        ['Kafka', versions.kafka, 'the topic `purchase-events` with 20 partitions'],
      ],
    ),
    '',
    'At the address and the ports of each ready pod of the storefront, the run listens in its place, answers real requests',
    'that it sends itself (refusing what is more than 40 in one second), and counts both where Prometheus asks. Purchases are',
    'real messages, recorded by one real member of the group `purchase-service` at 4 per second for each ready pod. So the',
    'services themselves, their sidecars and the moving of partitions are not part of this. Who Prometheus asks it reads from a',
    'file that the run writes from what the API server knows, because this build of it cannot ask there itself.',
    '',
    '## What was changed to run here',
    '',
    ...table(
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
      : `Not applied, because this API server has no definition of them: ${deployed.leftOut.join(', ')}.`,
    '',
    ...services.flatMap((service) => [
      `## ${service}`,
      '',
      ...table(
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
    'The autoscaler leaves everything as it is while the load is within a tenth of what its pods are there for, and otherwise',
    'wants the load divided by what one pod is there for, rounded up. Two pods are there for 40 requests/s: 43 change nothing,',
    '45 make three pods (44 is a matter of rounding, and is not tried). Three are there for 60: 61 change nothing. It is the',
    'same with a lag of 10 for each pod: 21, 23 and 32.',
    '',
    'Prometheus and Kafka are away for longer than the window before a scale-down. A load that is taken for nothing because',
    'nobody could be asked would show by then; within the window, nothing could.',
    '',
    'Both hold, in two ways. While Prometheus does not answer, KEDA answers with its fallback. While Kafka is away, KEDA cannot',
    'even prepare its question, and answers nothing: the fallback does not count, and the autoscaler leaves things as they are.',
    'After a start, Prometheus knows too few requests for a minute: the window before a scale-down is longer than that.',
    '',
  ].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [row(head), row(head.map(() => '---')), ...rows.map(row)];
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

function duration(seconds: number): string {
  return `${Math.round(seconds / 60)} minutes`;
}
