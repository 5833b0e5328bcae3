import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { obtainKubernetesProgram } from '@unity-purchase/tools';
import { stringify } from 'yaml';
import { render } from '../rendering/render.js';
import { startRealCluster, type RealCluster } from '../scripts/real-cluster.js';
import { infrastructure } from './pieces.js';

/** The real kubectl runs some thirty times. */
const timeoutMs = 120_000;

const page = await readFile(join(infrastructure, 'README.md'), 'utf8');

/** The commands of the page that contain a text, in its order. */
function commandsWith(text: string): string {
  const [block, ...more] = [...page.matchAll(/^( *)```sh\n([^]*?)^ *```$/gm)]
    .map(([, indent = '', commands = '']) => commands.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
    .filter((commands) => commands.includes(text));
  if (block === undefined || more.length > 0) throw new Error(`not exactly one block has ${text}`);
  return block;
}

let cluster: RealCluster;
beforeAll(async () => {
  cluster = await startRealCluster();
  await cluster.controlPlane.kubectl(['apply', '--server-side', '-k', join(infrastructure, 'namespaces')]);
  const jobs = [
    ...(await render(join(infrastructure, 'kafka'))),
    ...(await render(join(infrastructure, 'mongodb'))),
  ];
  await cluster.controlPlane.apply(
    jobs
      .filter(({ kind }) => kind === 'CronJob')
      .map((job) => stringify(job))
      .join('---\n'),
  );
}, timeoutMs);
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
});

/** Runs commands of the page in the test's folder. */
async function run(commands: string): Promise<string> {
  const programs = dirname(await obtainKubernetesProgram('kubectl'));
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-euo', 'pipefail', '-c', commands], {
    cwd: cluster.folder,
    env: {
      PATH: `${programs}:/usr/bin:/bin`,
      HOME: cluster.folder,
      KUBECONFIG: cluster.controlPlane.kubeconfig,
    },
  });
  return stdout;
}

describe('the commands of the README', () => {
  test(
    'restore the dump whose name they are given',
    async () => {
      await run(commandsWith('ARCHIVE='));
      const { kubectl } = cluster.controlPlane;
      const env = '{.spec.template.spec.containers[0].env[?(@.name=="ARCHIVE")].value}';
      expect(
        await kubectl(['get', 'job', 'restore', '--namespace=mongodb', `--output=jsonpath=${env}`]),
      ).toMatch(/^\/backup\/purchases-\w+\.archive\.gz$/);
    },
    timeoutMs,
  );

  test(
    'save passwords that a new cluster accepts',
    async () => {
      const names = [
        'purchase-system-password',
        'backup-password',
        'restore-password',
        'mongodb-agent-password',
        'mongodb-keyfile',
      ];
      const secrets = names.map((name) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name,
          namespace: 'mongodb',
          ownerReferences: [
            { apiVersion: 'v1', kind: 'ConfigMap', name: 'an-owner', uid: 'of-the-old-cluster' },
          ],
        },
        stringData: { password: `of ${name}`, 'other.key': 'value' },
      }));
      const { kubectl, apply } = cluster.controlPlane;
      await apply(secrets.map((secret) => stringify(secret)).join('---\n'));
      const data = () =>
        kubectl([
          ...['get', 'secrets', '--namespace=mongodb'],
          '--output=jsonpath={range .items[*]}{.metadata.name} {.data} {.metadata.ownerReferences}{"\\n"}{end}',
        ]);
      const before = (await data()).replaceAll(/ \[.*\]$/gm, ' ');
      expect(before.trim().split('\n')).toHaveLength(names.length);

      await run(commandsWith('> mongodb-passwords.yaml'));
      await kubectl(['delete', 'secrets', '--all', '--namespace=mongodb']);
      await run(commandsWith('--filename mongodb-passwords.yaml'));

      expect(await data()).toBe(before);
    },
    timeoutMs,
  );

  test.each([
    ['mongodb', 'backup-now'],
    ['mongodb', 'restore'],
    ['kafka', 'reset'],
  ])(
    'in %s create the Job %s, also when an earlier one exists, and return when it fails',
    async (namespace, job) => {
      const [create = '', wait = ''] = commandsWith(`wait job/${job} `).split(
        new RegExp(`^(?=kubectl --namespace ${namespace} wait )`, 'm'),
      );
      const [waitLine = '', ...report] = wait.trim().split('\n');
      await run(create);
      await run(create);
      // As the Job's controller does it.
      await cluster.controlPlane.kubectl([
        ...['patch', 'job', job, '--namespace', namespace, '--subresource=status', '--type=merge'],
        `--patch=${JSON.stringify({
          status: { conditions: [{ type: 'FailureTarget', status: 'True', reason: 'BackoffLimitExceeded' }] },
        })}`,
      ]);
      expect(await run(waitLine.replace(/--timeout \S+/, '--timeout 20s'))).toContain('condition met');
      expect(report).toEqual([
        `kubectl --namespace ${namespace} logs job/${job}`,
        `kubectl --namespace ${namespace} get job ${job}`,
      ]);
    },
    timeoutMs,
  );
});
