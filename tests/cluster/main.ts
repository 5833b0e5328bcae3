import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  obtainRequirements,
  projectRoot,
  readArguments,
  runInterruptibly,
  superviseProcess,
  upstreamFolder,
} from '@unity-purchase/tools';
import { daprChartFolder } from '../kubernetes/infrastructure/helm.js';
import { daprVersion, makeClusterImages } from './images/cluster-images.js';
import { removeControlGroups } from './nodes/control-groups.js';

/** The cluster ends with its namespaces, whatever state it is in. */
const stopTimeoutMs = 10_000;

process.exit(
  await runInterruptibly(
    () => readArguments('test:cluster', process.argv.slice(2)).values.quick === true,
    main,
  ),
);

/**
 * Obtains the programs and makes the images. Then runs the test in network, mount and process namespaces of its own, where nothing
 * else can be reached, and whose end ends every container.
 */
async function main(isQuick: boolean, signal: AbortSignal): Promise<void> {
  await obtainRequirements('test:cluster');
  await daprChartFolder(await daprVersion());
  for (const name of ['dapr', 'keda', 'prometheus-operator', 'gateway-api', 'metrics-server'] as const)
    await upstreamFolder(name);
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-cluster-'));
  try {
    await writeFile(join(folder, 'images.json'), JSON.stringify(await makeClusterImages(folder)));
    signal.throwIfAborted();
    await runInside(folder, isQuick, signal);
  } finally {
    await removeControlGroups();
    await rm(folder, { recursive: true, force: true });
  }
}

async function runInside(folder: string, isQuick: boolean, signal: AbortSignal): Promise<void> {
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child=SIGKILL'];
  const script = join(projectRoot, 'tests', 'cluster', 'inside.ts');
  const inside = superviseProcess(
    {
      name: 'the cluster',
      command: 'unshare',
      args: [
        ...namespaces,
        process.execPath,
        ...process.execArgv,
        script,
        folder,
        ...(isQuick ? ['--quick'] : []),
      ],
      cwd: projectRoot,
      // What it leaves there is removed with the folder.
      env: { ...process.env, TMPDIR: folder },
      stopTimeoutMs,
    },
    { onLine: (line) => process.stdout.write(`${line}\n`), onFailure: () => undefined },
  );
  await inside.start();
  signal.addEventListener('abort', () => void inside.stop());
  const { code } = await inside.exited;
  if (code !== 0) throw new Error('the test of the cluster failed; the lines above say where');
}
