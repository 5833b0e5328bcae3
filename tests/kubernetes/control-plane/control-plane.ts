import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createProcessSet,
  obtainKubernetesProgram,
  runProgram,
  type ProcessSet,
  type ServerProcess,
} from '@unity-purchase/tools';
import type { ApiClient } from './api-client.js';
import { prepareApiServer, type ApiServer, type NodeAccess } from './api-server.js';
import { crdFilesOf, type CrdSource } from './crd-files.js';

/** Several times as long as a cold start on two busy cores. */
const readyTimeoutMs = 60_000;

/** Without a limit, `kubectl` waits for missing objects forever. */
const kubectlTimeoutMs = 60_000;

/** A Kubernetes without nodes: it validates and stores objects. Disposing stops and deletes it. */
export type ControlPlane = AsyncDisposable & {
  /** The path of a kubeconfig with all permissions. */
  kubeconfig: string;
  client: ApiClient;
  /** Runs `kubectl` and resolves to its output. Rejects with its error message. */
  kubectl: (args: readonly string[], options?: { input?: string; timeoutMs?: number }) => Promise<string>;
  /** Applies objects server-side. Rejects if one of them is refused. */
  apply: (yaml: string) => Promise<string>;
  /** Applies CRDs and waits until they are established. */
  applyCrds: (sources: readonly CrdSource[]) => Promise<void>;
  /** Starts further processes, which stop before the API server. */
  add: (processes: readonly ServerProcess[]) => Promise<void>;
  /** All processes. `processes.failed` rejects if one of them exits unexpectedly. */
  processes: ProcessSet;
  /** A temporary folder for further files. */
  folder: string;
  apiServer: ApiServer;
};

/** The lowest stage stops first: clients of the API server, then the API server, then etcd. */
const stopStages = { client: 0, server: 1 };

/**
 * Starts etcd and an API server of the pinned versions on free ports of the loopback interface, with a temporary folder.
 * Resolves when they are ready. `onLine` receives their output.
 */
export async function startControlPlane({
  crds = [],
  nodes,
  onLine = () => undefined,
}: {
  crds?: readonly CrdSource[];
  /** The nodes that are added later, if they run containers. */
  nodes?: NodeAccess;
  onLine?: (name: string, line: string) => void;
} = {}): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-control-plane-'));
  const processes = createProcessSet(onLine);
  const dispose = async (): Promise<void> => {
    await processes.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const program = await obtainKubernetesProgram('kubectl');
    const apiServer = await prepareApiServer(folder, nodes);
    const { kubeconfig, client } = apiServer;
    const start = async (
      all: readonly ServerProcess[],
      stopStage: (index: number) => number,
    ): Promise<void> => {
      for (const [index, part] of all.entries()) {
        await processes.start({ ...part, stopStage: stopStage(index) });
        await processes.waitUntilReady(part.spec.name, readyTimeoutMs);
      }
    };
    await start(apiServer.processes, (index) => stopStages.server + apiServer.processes.length - index);

    const kubectl: ControlPlane['kubectl'] = (args, { input, timeoutMs = kubectlTimeoutMs } = {}) =>
      runProgram(program, ['--kubeconfig', kubeconfig, '--cache-dir', join(folder, 'kubectl'), ...args], {
        timeoutMs,
        ...(input !== undefined && { input }),
      });
    const apply = (yaml: string): Promise<string> =>
      kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], { input: yaml });
    const applyCrds = async (sources: readonly CrdSource[]): Promise<void> => {
      const files = (await Promise.all(sources.map(crdFilesOf))).flat();
      if (files.length === 0) return;
      const list = files.flatMap((file) => ['-f', file]);
      await kubectl(['apply', '--server-side', ...list]);
      await kubectl(['wait', '--for=condition=Established', '--timeout=30s', ...list]);
    };
    await applyCrds(crds);
    return {
      kubeconfig,
      client,
      kubectl,
      apply,
      applyCrds,
      add: (more) => start(more, () => stopStages.client),
      processes,
      folder,
      apiServer,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
