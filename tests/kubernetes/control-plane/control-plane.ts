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
import { prepareApiServer, type ApiServer } from './api-server.js';
import { crdFilesOf, type CrdSource } from './crd-files.js';

/** A cold start on two busy cores, several times over. */
const readyTimeoutMs = 60_000;

/** `kubectl` waits for what is not there for as long as it is let. */
const kubectlTimeoutMs = 60_000;

/** A Kubernetes without nodes: what is applied is checked and kept, and nothing runs. Gone when it is disposed of. */
export type ControlPlane = AsyncDisposable & {
  /** Of somebody who may do everything. */
  kubeconfig: string;
  client: ApiClient;
  /** Runs `kubectl` and resolves to what it writes; rejects with what it complains about. */
  kubectl: (args: readonly string[], options?: { input?: string }) => Promise<string>;
  /** Applies objects server-side; rejects when one of them is refused. */
  apply: (yaml: string) => Promise<string>;
  /** Applies definitions of resources and waits until they can be used. */
  applyCrds: (sources: readonly CrdSource[]) => Promise<void>;
  /** For more processes beside them, which are stopped before the API server. */
  add: (processes: readonly ServerProcess[]) => Promise<void>;
  /** What runs; rejects nothing by itself: whoever needs all of it watches `processes.failed`. */
  processes: ProcessSet;
  /** For the files of what is added. */
  folder: string;
  apiServer: ApiServer;
};

/** What stops first has the lowest stage: whoever asks the API server, the API server, etcd. */
const stopStages = { asking: 0, server: 1 };

/**
 * Starts etcd and an API server of the pinned versions on free ports of the loopback interface, in a folder of their own.
 * Resolves when they answer; `onLine` gets what they write.
 */
export async function startControlPlane({
  crds = [],
  onLine = () => undefined,
}: {
  crds?: readonly CrdSource[];
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
    const apiServer = await prepareApiServer(folder);
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

    const kubectl: ControlPlane['kubectl'] = (args, { input } = {}) =>
      runProgram(program, ['--kubeconfig', kubeconfig, '--cache-dir', join(folder, 'kubectl'), ...args], {
        timeoutMs: kubectlTimeoutMs,
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
      add: (more) => start(more, () => stopStages.asking),
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
