import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.js';
import { readPieces } from '../infrastructure/pieces.js';
import { placeRealPrograms } from './real-programs.js';
import { runScript, type ScriptEnd, type ScriptName } from './run-script.js';

/** An API server without nodes, and the scripts with the real `kubectl` for it. Gone when it is disposed of. */
export type RealCluster = AsyncDisposable & {
  controlPlane: ControlPlane;
  /** For files of a test. */
  folder: string;
  run: (name: ScriptName, args: readonly string[], scripts?: string) => Promise<ScriptEnd>;
  /** The names of all that these scripts could bring or take, to be compared with what there is afterwards. */
  everything: () => Promise<string>;
};

const kinds = [
  'namespaces',
  'customresourcedefinitions',
  'deployments',
  'secrets',
  'configmaps',
  'clusterroles',
  'mutatingwebhookconfigurations',
  'persistentvolumeclaims',
];

export async function startRealCluster(): Promise<RealCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-scripts-'));
  const pieces = await readPieces();
  const daprVersion = pieces.find(({ name }) => name === 'dapr')?.version ?? '';
  const path = await placeRealPrograms(folder, { daprVersion });
  const controlPlane = await startControlPlane();
  return {
    controlPlane,
    folder,
    run: (name, args, scripts) =>
      runScript(name, args, {
        path,
        env: { KUBECONFIG: controlPlane.kubeconfig },
        ...(scripts !== undefined && { folder: scripts }),
      }),
    everything: () => controlPlane.kubectl(['get', kinds.join(), '--all-namespaces', '--output=name']),
    [Symbol.asyncDispose]: async () => {
      await controlPlane[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
