import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.js';
import { readPieces } from '../infrastructure/pieces.js';
import { placeRealPrograms } from './real-programs.js';
import { runScript, type ScriptEnd, type ScriptName } from './run-script.js';

/** An API server without nodes, on which the scripts run with the real `kubectl`. Disposing stops and deletes it. */
export type RealCluster = AsyncDisposable & {
  controlPlane: ControlPlane;
  /** A temporary folder for a test's files. */
  folder: string;
  run: (name: ScriptName, args: readonly string[], scripts?: string) => Promise<ScriptEnd>;
  /** The names of all objects that the scripts could create or delete. */
  objectNames: () => Promise<string>;
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
    objectNames: () => controlPlane.kubectl(['get', kinds.join(), '--all-namespaces', '--output=name']),
    [Symbol.asyncDispose]: async () => {
      await controlPlane[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
