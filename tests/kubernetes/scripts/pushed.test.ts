import { appendFile, cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { gitIn, type Git } from '../../../tools/release/git.js';
import { configured, scriptsWith } from './configured-scripts.js';
import { placeFakePrograms } from './fake-programs.js';
import { manifests } from '../rendering/render.js';
import { runScript, type ScriptEnd } from './run-script.js';
import { isChange } from './run-with-fake-programs.js';

/** A checkout of a repository that the script really compares with git. The cluster is a fake. */
type Checkout = {
  folder: string;
  git: Git;
  commit: (message: string) => Promise<void>;
  handOver: (...args: string[]) => Promise<ScriptEnd & { changes: string[] }>;
};

const temporary: string[] = [];
let checkout: Checkout;

const ada = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
const overlay = 'k8s/overlays/prod/kustomization.yaml';
const installation = 'k8s/installation/installation.env';

async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'unity-purchase-pushed-')));
  temporary.push(folder);
  return folder;
}

function checkoutIn(folder: string, env: NodeJS.ProcessEnv): Checkout {
  const git = gitIn(folder, env);
  return {
    folder,
    git,
    commit: async (message) => {
      await git('add', '.');
      await git(...ada, 'commit', '--quiet', '--message', message);
    },
    handOver: async (...args) => {
      const { path, calls } = await placeFakePrograms(
        await temporaryFolder(),
        [
          { when: 'get crd applications.argoproj.io', output: 'crd/found' },
          { when: '--watch', output: '[]\n' },
        ],
        ['kubectl'],
      );
      const end = await runScript('apply-applications', args, { path, folder: join(folder, 'k8s/scripts') });
      return { ...end, changes: (await calls()).filter(isChange) };
    },
  };
}

/** A repository with the branches of staging and production, and a checkout of it. */
async function setUp(): Promise<Checkout> {
  const folder = await temporaryFolder();
  const env = { ...process.env, HOME: folder, GIT_CONFIG_NOSYSTEM: '1' };
  const remote = join(folder, 'remote.git');
  await gitIn(folder, env)('init', '--quiet', '--bare', '--initial-branch=main', remote);
  await gitIn(folder, env)('clone', '--quiet', remote, 'shop');
  const shop = join(folder, 'shop');
  await scriptsWith(shop, configured.replace(/^REPOSITORY=.*$/m, `REPOSITORY=${remote}`));
  await cp(join(manifests, 'overlays'), join(shop, 'k8s/overlays'), { recursive: true });
  await writeFile(join(shop, 'README.md'), 'A shop.\n');
  const first = checkoutIn(shop, env);
  await first.git('checkout', '--quiet', '-B', 'main');
  await first.commit('feat: a shop');
  await first.git('push', '--quiet', 'origin', 'main', 'main:production');
  return first;
}

const edit = (file: string, text = '# Edited.\n'): Promise<void> =>
  appendFile(join(checkout.folder, file), text);

beforeEach(async () => {
  checkout = await setUp();
});

afterEach(async () => {
  for (const folder of temporary.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Expects that the cluster is handed over to Argo CD. */
async function expectAccepted(...args: string[]): Promise<void> {
  const { code, output, changes } = await checkout.handOver(...args);
  expect({ code, output }).toEqual({ code: 0, output: expect.stringContaining('the same as here') });
  expect(changes.some((call) => call.includes('apply --server-side'))).toBe(true);
}

/** Expects that nothing changes in the cluster, for this reason, and that a dry run only names it. */
async function expectRefused(reason: string | RegExp, ...args: string[]): Promise<void> {
  const { code, output, changes } = await checkout.handOver(...args);
  expect({ code, changes }).toEqual({ code: 1, changes: [] });
  expect(output).toMatch(reason);
  expect(output).toContain('FAILED');
  const dry = await checkout.handOver(...args, '--dry-run');
  expect({ code: dry.code, changes: dry.changes }).toEqual({ code: 0, changes: [] });
  expect(dry.output).toMatch(/a real run stops here/);
  expect(dry.output).toMatch(reason);
}

describe('apply-applications.sh hands a cluster over', () => {
  test.each(['prod', 'staging'])('to %s if everything was pushed', async (cluster) => {
    await expectAccepted('--cluster', cluster);
  });

  test('from a checkout that is behind its branch', async () => {
    await edit(overlay);
    await checkout.commit('feat: another gateway');
    await checkout.git('push', '--quiet', 'origin', 'main');
    await checkout.git('reset', '--quiet', '--hard', 'HEAD~1');
    await expectAccepted('--cluster', 'staging');
  });

  test('although a commit about something else was not pushed', async () => {
    await edit('README.md');
    await checkout.commit('docs: a better page');
    await expectAccepted('--cluster', 'staging');
  });

  test('from the branch of production, whose commits main does not have', async () => {
    await checkout.git('checkout', '--quiet', '-b', 'production');
    await edit(overlay);
    await checkout.commit('chore(release): promote 1.0.0');
    await checkout.git('push', '--quiet', 'origin', 'production');
    await expectAccepted('--cluster', 'prod');
  });
});

describe('apply-applications.sh refuses', () => {
  test('a change of an overlay that was not committed', async () => {
    await edit(overlay);
    await expectRefused(/not committed: +M k8s\/overlays\/prod\/kustomization\.yaml/);
  });

  test('a new file that was not committed', async () => {
    await edit('k8s/overlays/prod/patch.yaml');
    await expectRefused(/not committed: \?\? k8s\/overlays\/prod\/patch\.yaml/);
  });

  test.each(['prod', 'staging'])(
    'a commit about the manifests that was not pushed, for %s',
    async (cluster) => {
      await edit(overlay);
      await checkout.commit('feat: another gateway');
      await expectRefused('has commits about k8s or components that', '--cluster', cluster);
      await checkout.git('push', '--quiet', 'origin', 'main');
      await expectAccepted('--cluster', cluster);
    },
  );

  test('an installation that main has and that was not promoted', async () => {
    const file = join(checkout.folder, installation);
    await writeFile(file, (await readFile(file, 'utf8')).replace('https://shop.test', 'https://buy.test'));
    await checkout.commit('feat: another address');
    await checkout.git('push', '--quiet', 'origin', 'main');
    await expectRefused('k8s/installation differs from the branch production', '--cluster', 'prod');
    await expectAccepted('--cluster', 'staging');
  });

  test('an installation with addresses that are examples', async () => {
    const file = join(checkout.folder, installation);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('https://shop.test', 'https://shop.example.com'));
    await checkout.commit('feat: an example');
    await checkout.git('push', '--quiet', 'origin', 'main', 'main:production');
    await expectRefused('still has example.com in PUBLIC_URL');
  });

  test('a repository without the branch of production', async () => {
    await checkout.git('push', '--quiet', 'origin', ':production');
    await expectRefused('cannot read the branch production of', '--cluster', 'prod');
    await expectAccepted('--cluster', 'staging');
  });
});
