import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { render, type Manifest } from '../rendering/render.js';
import { runWithFakePrograms } from '../scripts/run-with-fake-programs.js';
import { placeMongoTools } from './mongo-tools.js';
import { infrastructure } from './pieces.js';

const all = await render(join(infrastructure, 'mongodb'));

type User = { name: string; db: string; connectionStringSecretName: string; roles: unknown[] };
type Container = {
  image: string;
  command: string[];
  args: string[];
  env: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
};

const mongodb = all.find(({ kind }) => kind === 'MongoDBCommunity')?.['spec'] as {
  version: string;
  users: User[];
  security: { roles: { role: string; db: string; privileges: unknown }[] };
};

const cronJob = (name: string): Manifest | undefined =>
  all.find(({ kind, metadata }) => kind === 'CronJob' && metadata.name === name);

function containerOf(name: string): Container {
  const { jobTemplate } = cronJob(name)?.['spec'] as {
    jobTemplate: { spec: { template: { spec: { containers: Container[] } } } };
  };
  const [container] = jobTemplate.spec.template.spec.containers;
  if (container === undefined) throw new Error(`${name} has no container`);
  return container;
}

/** What the operator writes into a user's connection Secret (MongoAuthUserURI in mongodbcommunity_types.go). */
function operatorsAddress({ name, db }: User): string {
  const hosts = [0, 1, 2].map((index) => `mongodb-${index}.mongodb-svc.mongodb.svc.cluster.local:27017`);
  return `mongodb://${name}:secret@${hosts.join(',')}/${db}?replicaSet=mongodb&ssl=false`;
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mongodb-backup-'));
  for (const name of ['backup', 'tmp', 'scripts']) await mkdir(join(folder, name));
  const scripts = all.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'backup-scripts',
  );
  for (const [name, text] of Object.entries(scripts?.['data'] ?? {}))
    await writeFile(join(folder, 'scripts', name), inFolder(text as string));
  await placeMongoTools(join(folder, 'programs'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A script with the test's folder before the paths of the pod. */
const inFolder = (text: string): string =>
  text.replaceAll(/(^|[\s"=>])(\/(?:backup|tmp|scripts))(?=\/|\s|$)/gm, `$1${folder}$2`);

/** Runs a CronJob's command on this machine, with /backup and /tmp in the test's folder. */
async function runJob(name: string, more: Record<string, string> = {}): Promise<string> {
  const { command, args, env } = containerOf(name);
  const secret = env.find((variable) => variable.name === 'ADDRESS')?.valueFrom?.secretKeyRef;
  const user = mongodb.users.find(
    ({ connectionStringSecretName }) => connectionStringSecretName === secret?.name,
  );
  if (user === undefined || secret?.key !== 'connectionString.standard')
    throw new Error(`${name} takes its address from no user of MongoDB`);
  const [program = '', ...flags] = command;
  const script = args.map(inFolder);
  const given = Object.fromEntries(env.map((variable) => [variable.name, variable.value ?? '']));
  const { stdout } = await promisify(execFile)(program, [...flags, ...script], {
    cwd: folder,
    env: {
      ...given,
      ADDRESS: operatorsAddress(user),
      ...more,
      PATH: `${join(folder, 'programs')}:${process.env['PATH'] ?? ''}`,
    },
  });
  return stdout;
}

const addressIn = (output: string): string => /^mongodb:.*$/m.exec(output)?.[0] ?? '';

describe('the backup', () => {
  test("dumps everything with the operator's address, and reads the password from a file", async () => {
    const output = await runJob('backup');
    expect(addressIn(output)).toMatch(
      /^mongodb:\/\/backup:secret@mongodb-0\.[^/]+\/\?authSource=admin&replicaSet=mongodb&ssl=false$/,
    );
    expect(await readdir(join(folder, 'backup'))).toEqual([
      expect.stringMatching(/^purchases-\d{8}T\d{6}Z\.archive\.gz$/),
    ]);
    expect(containerOf('backup').args.join('\n')).not.toMatch(/--uri|--password/);
  });

  test('keeps the newest fourteen dumps', async () => {
    for (let day = 10; day < 30; day += 1)
      await writeFile(join(folder, `backup/purchases-202501${day}T032000Z.archive.gz`), '');
    await runJob('backup');
    const kept = (await readdir(join(folder, 'backup'))).toSorted();
    expect(kept).toHaveLength(14);
    expect(kept[0]).toBe('purchases-20250117T032000Z.archive.gz');
  });

  test('first deletes what earlier runs left unfinished, or a full volume would stay full', async () => {
    const unfinished = join(folder, 'backup/purchases-20250101T032000Z.archive.gz.part');
    await writeFile(unfinished, 'as far as the volume reached');
    const dump = join(folder, 'programs/mongodump');
    await writeFile(
      dump,
      `#!/bin/sh\ntest -e '${unfinished}' && echo 'no space left on device' >&2\nexit 1\n`,
    );
    await chmod(dump, 0o755);
    await expect(runJob('backup')).rejects.not.toThrow(/no space left/);
    await placeMongoTools(join(folder, 'programs'));
    await runJob('backup');
    expect(await readdir(join(folder, 'backup'))).toEqual([expect.stringMatching(/archive\.gz$/)]);
  });
});

describe('the restore', () => {
  test('restores the newest dump, or the chosen one, and what changed while it was taken', async () => {
    for (const [name, content] of [
      ['purchases-20250101T032000Z', 'old'],
      ['purchases-20250102T032000Z', 'new'],
    ] as const)
      await writeFile(join(folder, `backup/${name}.archive.gz`), content);
    const newest = await runJob('restore');
    expect(newest).toMatch(/^new$/m);
    expect(addressIn(newest)).toMatch(/^mongodb:\/\/restore:[^/]+\/\?authSource=admin&/);
    const chosen = { ARCHIVE: join(folder, 'backup/purchases-20250101T032000Z.archive.gz') };
    expect(await runJob('restore', chosen)).toMatch(/^old$/m);
    expect(containerOf('restore').args.join('\n')).toContain('--oplogReplay');
  });

  test('never runs by itself', () => {
    expect(cronJob('restore')?.['spec']).toMatchObject({ suspend: true });
  });

  test('has a user who may replay the oplog, which the role `restore` does not allow', () => {
    expect(mongodb.security.roles).toEqual([
      {
        role: 'replayOplog',
        db: 'admin',
        privileges: [{ resource: { anyResource: true }, actions: ['anyAction'] }],
        roles: [],
      },
    ]);
    const withIt = mongodb.users.filter(({ roles }) => JSON.stringify(roles).includes('replayOplog'));
    expect(withIt.map(({ name }) => name)).toEqual(['restore']);
    expect(mongodb.users.find(({ name }) => name === 'backup')?.roles).toEqual([
      { name: 'backup', db: 'admin' },
    ]);
  });
});

test('its tools have the version of the store', () => {
  for (const name of ['backup', 'restore'])
    expect(containerOf(name).image).toBe(`docker.io/library/mongo:${mongodb.version}`);
});

test('every password that the volumes remember is kept with them, whatever is deleted and created again', async () => {
  const kept = all.filter(({ kind }) => kind === 'ExternalSecret');
  const users = JSON.parse(JSON.stringify(mongodb.users)) as { passwordSecretRef: { name: string } }[];
  // The last two have the names and keys that the operator looks for before it creates its own.
  expect(kept.map(({ metadata }) => metadata.name).toSorted()).toEqual(
    [
      ...users.map(({ passwordSecretRef }) => passwordSecretRef.name),
      'mongodb-agent-password',
      'mongodb-keyfile',
    ].toSorted(),
  );
  for (const { metadata, spec } of kept)
    expect([metadata.name, spec]).toMatchObject([
      metadata.name,
      {
        refreshPolicy: 'CreatedOnce',
        target: { name: metadata.name, creationPolicy: 'Orphan', deletionPolicy: 'Retain', immutable: true },
      },
    ]);
  const keyfile = kept.find(({ metadata }) => metadata.name === 'mongodb-keyfile');
  expect(JSON.stringify(keyfile)).toContain('"target":"keyfile"');
  // Those that the operator may have created belong to its object until they are released.
  const { calls } = await runWithFakePrograms(
    'uninstall-infrastructure',
    ['--yes'],
    [{ when: '--output name', output: 'secret/found\n' }],
  );
  const released = calls.flatMap(
    (call) => /^kubectl patch secret (\S+) .*"ownerReferences":null/.exec(call)?.[1] ?? [],
  );
  const ofUsers = users.map(({ passwordSecretRef }) => passwordSecretRef.name);
  expect(released.toSorted()).toEqual(
    kept
      .map(({ metadata }) => metadata.name)
      .filter((name) => !ofUsers.includes(name))
      .toSorted(),
  );
});
