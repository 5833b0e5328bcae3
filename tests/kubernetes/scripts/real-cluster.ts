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
  'services',
  'secrets',
  'configmaps',
  'serviceaccounts',
  'roles',
  'rolebindings',
  'clusterroles',
  'clusterrolebindings',
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'priorityclasses',
  'persistentvolumeclaims',
];

/** `Deployment kafka/strimzi`, or `Namespace kafka`. */
const namesOf =
  '--output=go-template={{range .items}}{{.kind}} {{with .metadata.namespace}}{{.}}/{{end}}{{.metadata.name}}{{"\\n"}}{{end}}';

/** Starts a cluster whose `helm` has these charts, by name, besides Dapr's. */
export async function startRealCluster({
  charts = {},
}: { charts?: Readonly<Record<string, string>> } = {}): Promise<RealCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-scripts-'));
  const pieces = await readPieces();
  const daprVersion = pieces.find(({ name }) => name === 'dapr')?.version ?? '';
  const path = await placeRealPrograms(folder, { daprVersion, charts });
  const controlPlane = await startControlPlane();
  const { kubectl } = controlPlane;
  return {
    controlPlane,
    folder,
    run: (name, args, scripts) =>
      runScript(name, args, {
        path,
        env: { KUBECONFIG: controlPlane.kubeconfig },
        ...(scripts !== undefined && { folder: scripts }),
      }),
    objectNames: async () => {
      const names = await kubectl(['get', kinds.join(), '--all-namespaces', namesOf]);
      // The API server registers and removes others by itself, some time after their definitions.
      const ofOthers = ['--selector', '!kube-aggregator.kubernetes.io/automanaged'];
      return names + (await kubectl(['get', 'apiservices', ...ofOthers, namesOf]));
    },
    [Symbol.asyncDispose]: async () => {
      await controlPlane[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
