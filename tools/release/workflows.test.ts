import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isMap, isScalar, parse, parseDocument, visit, type Scalar } from 'yaml';
import { z } from 'zod';
import { matrixPairs } from '../local/pairs.js';
import { commands, type Command } from '../cli/command-table.js';
import { projectRoot } from '../project-root.js';
import { readStep } from './steps.js';
import { versions } from '../programs/versions.js';

const workflowFolder = '.github/workflows';
const workflowFiles = (await readdir(join(projectRoot, workflowFolder))).map((name) =>
  join(workflowFolder, name),
);
const prepareAction = '.github/actions/prepare/action.yaml';

const readProjectFile = (path: string) => readFile(join(projectRoot, path), 'utf8');

const serviceSchema = z.looseObject({
  image: z.string(),
  env: z.record(z.string(), z.string()).default({}),
});
const jobSchema = z.looseObject({
  'timeout-minutes': z.number().optional(),
  uses: z.string().optional(),
  container: z.union([z.string(), z.looseObject({ image: z.string() })]).optional(),
  environment: z.unknown().optional(),
  permissions: z.record(z.string(), z.string()),
  services: z.record(z.string(), serviceSchema).default({}),
  steps: z
    .array(
      z.looseObject({
        uses: z.string().optional(),
        run: z.string().optional(),
        with: z.unknown().optional(),
      }),
    )
    .default([]),
});
const workflowSchema = z.looseObject({
  permissions: z.unknown(),
  concurrency: z.looseObject({ group: z.string() }),
  jobs: z.record(z.string(), jobSchema),
  env: z.record(z.string(), z.string()).default({}),
});

const workflows = await Promise.all(
  workflowFiles.map(async (file) => ({ file, ...workflowSchema.parse(parse(await readProjectFile(file))) })),
);
const jobs = workflows.flatMap(({ file, jobs: fileJobs }) =>
  Object.entries(fileJobs).map(([name, job]) => ({ place: `${file}: ${name}`, ...job })),
);
const documents = await Promise.all(
  [...workflowFiles, prepareAction].map(async (file) => ({
    file,
    document: parseDocument(await readProjectFile(file)),
  })),
);

/** All values of a field, at any depth, with the comment behind each value. */
function valuesOf(field: string): { file: string; value: string; comment: string }[] {
  return documents.flatMap(({ file, document }) => {
    const found: { file: string; value: string; comment: string }[] = [];
    visit(document, {
      Map: (_key, map) => {
        const pair = map.items.find(({ key }) => isScalar(key) && key.value === field);
        if (isScalar(pair?.value))
          found.push({ file, value: String(pair.value.value), comment: pair.value.comment ?? '' });
      },
    });
    return found;
  });
}

const scripts = valuesOf('run').map(({ file, value }) => ({ file, script: value }));
const actions = valuesOf('uses').filter(({ value }) => !value.startsWith('./'));

/** Programs that GitHub's runners or pinned actions provide. Everything else must be a script of package.json. */
const otherCommands = ['apt-get', 'cosign', 'gh', 'read', 'for', 'done'];

describe('the workflows', () => {
  test("run only scripts of package.json and programs of GitHub's runners", async () => {
    const lines = scripts.flatMap(({ file, script }) =>
      script
        .replace(/\\\n\s*/g, '')
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== '')
        .map((line) => ({ file, line })),
    );
    expect(lines.length).toBeGreaterThan(10);
    const { scripts: known } = z
      .object({ scripts: z.record(z.string(), z.string()) })
      .parse(JSON.parse(await readProjectFile('package.json')));
    const unknown = lines.filter(({ line }) => {
      const script = /^(?:sudo \S+ env "PATH=\$PATH" )?npm (?:run )?([\w:-]+)/.exec(line)?.[1];
      return script === undefined
        ? !otherCommands.includes(/^\S+/.exec(line)?.[0] ?? '')
        : !Object.hasOwn(known, script) || !commandExists(known[script] ?? '');
    });
    expect(unknown).toEqual([]);
  });

  test('run only existing steps of a release, with all the variables they require', () => {
    const steps = documents.flatMap(({ file, document }) => {
      const found: { file: string; step: string; variables: string[] }[] = [];
      visit(document, {
        Map: (_key, map, ancestors) => {
          const run = map.get('run');
          const step = typeof run === 'string' ? /npm run release -- (\S+)/.exec(run)?.[1] : undefined;
          if (step === undefined) return;
          const environments = [map, ...ancestors.filter((one) => isMap(one))].map((one) => one.get('env'));
          const variables = environments.flatMap((env) =>
            isMap<Scalar<string>>(env) ? env.items.map(({ key }) => key.value) : [],
          );
          found.push({ file, step, variables });
        },
      });
      return found;
    });
    expect(steps.map(({ step }) => step)).toEqual([
      'promote',
      'guard',
      'arguments',
      'digest',
      'combine',
      'verify',
      'start',
      'bump',
      'rollback',
      'confirm',
    ]);
    for (const { step, variables } of steps) {
      const env = Object.fromEntries(variables.map((name) => [name, 'something']));
      const read = readStep([step], { root: projectRoot, env, print: () => undefined });
      expect([step, read]).toEqual([step, { run: expect.any(Function) }]);
    }
  });

  test('pass external values to scripts only through the environment', () => {
    expect(scripts.filter(({ script }) => script.includes('${{'))).toEqual([]);
  });

  test('pin every action to a commit, with its version in a comment', () => {
    expect(actions.length).toBeGreaterThan(20);
    const unpinned = actions.filter(
      ({ value, comment }) =>
        !/^[\w.-]+(?:\/[\w.-]+)+@[0-9a-f]{40}$/.test(value) || !/^ v\d+\.\d+\.\d+$/.test(comment),
    );
    expect(unpinned).toEqual([]);
  });

  test('use each action at a single commit', () => {
    const pins = new Map<string, Set<string>>();
    for (const { value, comment } of actions) {
      const [name = '', commit = ''] = value.split('@');
      const repository = name.split('/').slice(0, 2).join('/');
      pins.set(repository, (pins.get(repository) ?? new Set()).add(`${commit}${comment}`));
    }
    expect([...pins].filter(([, commits]) => commits.size > 1)).toEqual([]);
  });

  test('refer only to existing files', () => {
    const local = valuesOf('uses').filter(({ value }) => value.startsWith('./'));
    const missing = local.filter(
      ({ value }) => !existsSync(join(projectRoot, value, /\.ya?ml$/.test(value) ? '' : 'action.yaml')),
    );
    expect(local.length).toBeGreaterThan(5);
    expect(missing).toEqual([]);
  });

  test.each(workflows)(
    '$file grants permissions only to single jobs, and limits concurrency',
    ({ permissions, concurrency }) => {
      expect(permissions).toEqual({});
      expect(concurrency.group).not.toBe('');
    },
  );

  test.each(jobs)('$place has a time limit', (job) => {
    if (job.uses === undefined) expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
  });

  test('do not store tokens in checkouts', () => {
    const checkouts = jobs.flatMap(({ place, steps }) =>
      steps
        .filter(({ uses = '' }) => uses.startsWith('actions/checkout@'))
        .map((step) => ({ place, with: step.with })),
    );
    expect(checkouts.length).toBeGreaterThan(10);
    const storingTokens = checkouts.filter(
      (checkout) => !/"persist-credentials":false/.test(JSON.stringify(checkout.with)),
    );
    expect(storingTokens).toEqual([]);
  });

  test('push only in three jobs, each in the environment of the cluster that it changes, with an App if there is one', () => {
    const pushing = jobs.filter(({ permissions }) => permissions['contents'] === 'write');
    expect(pushing.map(({ place, environment }) => [place, environment])).toEqual([
      ['.github/workflows/promote.yaml: promote', 'production'],
      ['.github/workflows/release.yaml: bump', 'staging'],
      ['.github/workflows/release.yaml: rollback', 'staging'],
    ]);
    for (const { steps } of pushing) {
      const app = steps.findIndex(({ uses = '' }) => uses.startsWith('actions/create-github-app-token@'));
      expect(steps[app]).toMatchObject({ id: 'app', if: "vars.RELEASE_APP_CLIENT_ID != ''" });
      expect(steps[app]?.with).toEqual({
        'client-id': '${{ vars.RELEASE_APP_CLIENT_ID }}',
        'private-key': '${{ secrets.RELEASE_APP_PRIVATE_KEY }}',
        'permission-contents': 'write',
      });
      const push = steps.find(({ run = '' }) => /release -- (bump|rollback|promote)/.test(run));
      expect(steps.indexOf(push ?? {})).toBeGreaterThan(app);
      expect(push?.['env']).toMatchObject({
        RELEASE_TOKEN: '${{ steps.app.outputs.token || github.token }}',
      });
    }
  });

  test('attest, and verify attestations, only where GitHub offers it', () => {
    const attesting = jobs
      .flatMap(({ steps }) => steps)
      .filter(
        ({ uses = '', run = '' }) => uses.startsWith('actions/attest@') || run.includes('gh attestation'),
      );
    expect(attesting).toHaveLength(3);
    for (const step of attesting)
      expect(step['if']).toBe(
        "${{ !github.event.repository.private || vars.PRIVATE_ATTESTATIONS == 'true' }}",
      );
  });

  test('sign in a job that does nothing else, and verify in a job that cannot write', () => {
    const release = jobs.filter(({ place }) => place.startsWith('.github/workflows/release.yaml'));
    const signing = release.filter(({ permissions }) => permissions['id-token'] === 'write');
    expect(signing.map(({ place }) => place)).toEqual(['.github/workflows/release.yaml: sign']);
    const verify = release.find(({ place }) => place.endsWith(': verify'));
    expect(Object.values(verify?.permissions ?? { none: 'found' })).not.toContain('write');
    expect(Object.values(verify?.permissions ?? {})).toContain('read');
  });

  test('cache nothing between runs', () => {
    const names = actions.map(({ value }) => value.split('@')[0]);
    expect(names.filter((name) => name === 'actions/cache')).toEqual([]);
    const kept = valuesOf('cache').filter(({ value }) => value !== 'false');
    expect(kept).toEqual([]);
  });
});

test('a release on GitHub starts the release workflow, a pre-release does not, and a rollback takes only a version', async () => {
  const { on } = z
    .object({ on: z.unknown() })
    .parse(parse(await readProjectFile('.github/workflows/release.yaml')));
  expect(on).toEqual({
    release: { types: ['released'] },
    workflow_dispatch: {
      inputs: { version: { description: expect.any(String), required: true, type: 'string' } },
    },
  });
});

describe('CI', () => {
  const ci = workflows.find(({ file }) => file.endsWith('/ci.yaml'));

  test('tests every pair of broker and store, including those of .ci/run', async () => {
    const [, pairs = ''] = /test:matrix -- --check (.+)/.exec(await readProjectFile('.ci/run')) ?? [];
    const strategy = z
      .object({ matrix: z.object({ pair: z.array(z.string()) }) })
      .parse(ci?.jobs['matrix']?.['strategy']);
    expect(strategy.matrix.pair).toEqual(await matrixPairs(projectRoot));
    expect(strategy.matrix.pair).toEqual(expect.arrayContaining(pairs.split(' ')));
  });

  test('runs the servers of compose.yaml with the same settings', async () => {
    const compose = z
      .looseObject({ services: z.record(z.string(), serviceSchema.partial().loose()) })
      .parse(parse(await readProjectFile('compose.yaml')));
    const services = ci?.jobs['servers-elsewhere']?.services ?? {};
    expect(Object.keys(services)).toEqual(['kafka', 'mongodb']);
    for (const [name, { image, env }] of Object.entries(services)) {
      const other = compose.services[name];
      expect(image).toBe(other?.image);
      const { KAFKA_ADVERTISED_LISTENERS: listeners, ...same } = env;
      expect(other?.['environment'] ?? {}).toMatchObject(same);
      if (name === 'kafka') expect(listeners).toBe('PLAINTEXT://kafka:9092');
    }
  });

  test('uses a new enough Go on the runner and in the container', () => {
    for (const { env } of workflows.filter(({ env: one }) => 'GOTOOLCHAIN' in one))
      expect(env['GOTOOLCHAIN']).toBe(`go${versions.goMinimum}`);
    expect(workflows.filter(({ env }) => 'GOTOOLCHAIN' in env)).toHaveLength(4);
    const containers = new Set(
      jobs.flatMap(({ container = [] }) =>
        typeof container === 'object' && 'image' in container ? container.image : container,
      ),
    );
    expect([...containers]).toEqual([expect.stringMatching(/^golang:1\.26\.\d+-bookworm$/)]);
  });
});

/** Tells whether a script of package.json runs a command of the table, whose files exist. */
function commandExists(script: string): boolean {
  const name = /^node tools\/cli\/bootstrap\.js (\S+)$/.exec(script)?.[1] ?? '';
  const known: Readonly<Record<string, Command>> = commands;
  const files = known[name]?.runs.map(([file]) => file);
  return files?.every((file) => existsSync(join(projectRoot, file))) ?? false;
}
