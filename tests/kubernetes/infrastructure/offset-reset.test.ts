import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { appIds, topics } from '@unity-purchase/contracts';
import { manifests, manifestsIn, render } from '../rendering/render.js';
import { infrastructure, readPieces } from './pieces.js';

const kafka = await render(join(infrastructure, 'kafka'));
const users = manifestsIn(await readFile(join(manifests, 'components/broker-kafka/users.yaml'), 'utf8'));

type Pod = {
  containers: { image: string; command: string[]; args: string[]; env: { name: string; value: string }[] }[];
  volumes: { name: string; secret?: { secretName: string } }[];
};
const job = kafka.find(
  ({ kind, metadata }) => kind === 'CronJob' && metadata.name === 'reset-consumer-group',
);
const { template } = (
  job?.['spec'] as {
    jobTemplate: { spec: { template: { metadata: { labels: Record<string, string> }; spec: Pod } } };
  }
).jobTemplate.spec;
const { containers, volumes } = template.spec;
const [container] = containers;

/** What Kafka 4.3 prints after a reset. */
const newOffsets = `
GROUP            TOPIC           PARTITION  NEW-OFFSET
purchase-service purchase-events 0          12
`;

/** What it prints while the group has members. It ends with 0 all the same. */
const refusal = `
Error: Assignments can only be reset if the group 'purchase-service' is inactive, but the current state is Stable.

GROUP            TOPIC           PARTITION  NEW-OFFSET
`;

/** Runs the command with a `kafka-consumer-groups.sh` that prints its arguments, the client's properties and an answer. */
async function run(from: string, answer = newOffsets): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'offset-reset-'));
  try {
    for (const name of ['user', 'authority', 'tmp', 'opt/kafka/bin'])
      await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, 'user/user.password'), 'secret');
    const program = join(folder, 'opt/kafka/bin/kafka-consumer-groups.sh');
    await writeFile(join(folder, 'answer'), answer);
    await writeFile(program, `#!/bin/sh\necho "$@"\ncat "$4" '${join(folder, 'answer')}'\n`);
    await chmod(program, 0o755);
    const [shell = '', ...flags] = container?.command ?? [];
    const script = (container?.args ?? []).map((text) =>
      text.replaceAll(/(^|[\s=>(<])(\/(?:user|authority|tmp|opt)\/)/gm, `$1${folder}$2`),
    );
    const { stdout } = await promisify(execFile)(shell, [...flags, ...script], {
      env: { PATH: process.env['PATH'] ?? '', FROM: from },
    });
    return stdout.replaceAll(folder, '');
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("resets the purchase-service's group with the listener, user and topic that exist", async () => {
  const output = await run('2026-11-24T00:00:00.000');
  const { listeners } = (
    kafka.find(({ kind }) => kind === 'Kafka')?.['spec'] as {
      kafka: { listeners: { port: number; networkPolicyPeers: unknown[] }[] };
    }
  ).kafka;
  expect(output).toContain(
    `--bootstrap-server kafka-kafka-bootstrap:${listeners[0]?.port ?? ''} --command-config /tmp/client.properties`,
  );
  expect(output).toContain(
    `--group ${appIds.purchaseService} --topic ${topics.purchaseEvents} --reset-offsets --to-datetime 2026-11-24T00:00:00.000 --execute`,
  );
  expect(output).toContain('security.protocol=SSL');
  expect(output).toContain('ssl.keystore.password=secret');
  // The listener's NetworkPolicy admits it.
  expect(listeners[0]?.networkPolicyPeers).toContainEqual({
    podSelector: { matchLabels: template.metadata.labels },
  });
});

test('fails when Kafka refuses, which ends with 0 too, so that no one takes the Job for a reset', async () => {
  await expect(run('2026-11-24T00:00:00.000', refusal)).rejects.toThrow(/Nothing was reset/);
});

test('does nothing without a time, and never runs by itself', async () => {
  await expect(run('')).rejects.toThrow(/Set FROM to a time/);
  expect(job?.['spec']).toMatchObject({ suspend: true });
});

test('authenticates as a user who may reset this group, and nothing more', () => {
  const secrets = volumes.flatMap(({ secret }) => secret?.secretName ?? []);
  expect(secrets).toEqual(['operators', 'kafka-cluster-ca-cert']);
  expect(users.find(({ metadata }) => metadata.name === 'operators')?.['spec']).toMatchObject({
    authentication: { type: 'tls' },
    authorization: {
      acls: [
        { resource: { type: 'topic', name: topics.purchaseEvents }, operations: ['Describe', 'Read'] },
        { resource: { type: 'group', name: appIds.purchaseService }, operations: ['Describe', 'Read'] },
      ],
    },
  });
});

test('uses the image of the installed Strimzi and Kafka', async () => {
  const strimzi = (await readPieces()).find(({ name }) => name === 'strimzi');
  const { version } = (kafka.find(({ kind }) => kind === 'Kafka')?.['spec'] as { kafka: { version: string } })
    .kafka;
  expect(container?.image).toBe(`quay.io/strimzi/kafka:${strimzi?.version ?? ''}-kafka-${version}`);
});
