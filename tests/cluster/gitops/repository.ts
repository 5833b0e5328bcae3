import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, projectRoot, runProgram, upstreamFolder } from '@unity-purchase/tools';
import { gitIn, type Git } from '../../../tools/release/git.js';
import { installationFile } from '../../../tools/release/installation.js';
import { overlays } from '../../../tools/release/rendered-images.js';
import { addresses } from '../nodes/networks.js';
import type { RealCluster } from '../nodes/real-cluster.js';
import { withInstallation, withKeptApplications, withLocalChart, withPlainServers } from './changes.js';

/** The repository that Argo CD follows, and a checkout of it. */
export type ProjectRepository = {
  address: string;
  checkout: string;
  git: Git;
  /** The environment of git, with the author of commits. */
  env: NodeJS.ProcessEnv;
};

/** The Applications whose sources are available here. */
export const keptApplications = ['dapr', 'namespaces', 'purchase-system'] as const;

const port = 9418;

/** Where the repository has what only a chart repository would. */
const localChart = 'charts/dapr';

/**
 * Creates a repository with the manifests of this checkout, adapted in as few lines as this cluster needs, and serves it to pods over git's
 * own protocol.
 */
export async function serveRepository(
  { controlPlane }: RealCluster,
  parent: string,
): Promise<ProjectRepository> {
  const folder = join(parent, 'git');
  const [bare, checkout] = [join(folder, 'shop.git'), join(folder, 'checkout')];
  await mkdir(folder, { recursive: true });
  const env = {
    ...process.env,
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) => [
        [`GIT_${who}_NAME`, 'Operator'],
        [`GIT_${who}_EMAIL`, 'operator@shop.test'],
      ]),
    ),
  };
  await gitIn(folder, env)('init', '--quiet', '--bare', '--initial-branch=main', bare);
  await gitIn(folder, env)('clone', '--quiet', bare, checkout);
  const address = `git://${addresses.controlPlane}/shop.git`;
  await fillCheckout(checkout, address);
  const git = gitIn(checkout, env);
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'feat: the shop');
  await git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
  await controlPlane.add([
    {
      spec: {
        name: 'git-daemon',
        command: 'git',
        args: [
          ...['daemon', '--reuseaddr', '--export-all', `--base-path=${folder}`],
          ...[`--listen=${addresses.controlPlane}`, `--port=${String(port)}`],
        ],
        cwd: folder,
        env,
        stopTimeoutMs: 5_000,
      },
      isReady: () => runProgram('git', ['ls-remote', address]).then(() => true as const, errorText),
    },
  ]);
  return { address, checkout, git, env };
}

async function fillCheckout(checkout: string, address: string): Promise<void> {
  const ignored = await ignoredFiles();
  for (const part of ['k8s', 'components'])
    await cp(join(projectRoot, part), join(checkout, part), {
      recursive: true,
      filter: (file) => !ignored.has(file),
    });
  const change = async (file: string, edit: (text: string) => string): Promise<void> => {
    const path = join(checkout, file);
    await writeFile(path, edit(await readFile(path, 'utf8')));
  };
  await change(installationFile, (text) => withInstallation(text, address));
  await change(join(overlays.staging, 'kustomization.yaml'), withPlainServers);
  const apps = 'k8s/argocd/apps';
  await change(join(apps, 'kustomization.yaml'), (text) => withKeptApplications(text, keptApplications));
  const kept = new Set(['kustomization', ...keptApplications].map((name) => `${name}.yaml`));
  for (const file of await readdir(join(checkout, apps)))
    if (!kept.has(file)) await rm(join(checkout, apps, file));
  await change(join(apps, 'dapr.yaml'), (text) => withLocalChart(text, { address, path: localChart }));
  await cp(join(await upstreamFolder('dapr'), 'charts', 'dapr'), join(checkout, localChart), {
    recursive: true,
  });
}

/** Files that are in no commit, such as the secrets of a personal cluster. */
async function ignoredFiles(): Promise<ReadonlySet<string>> {
  const list = await runProgram(
    'git',
    ['ls-files', '--others', '--ignored', '--exclude-standard', '--', 'k8s', 'components'],
    { cwd: projectRoot },
  );
  return new Set(list.split('\n').map((file) => join(projectRoot, file)));
}
