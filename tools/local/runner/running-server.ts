import type { PlannedServer } from './plan-servers.js';
import type { ProcessSet } from './process-set.js';
import { serverStopStage } from './stop-order.js';

/** A broker or database of a running system. */
export type RunningServer = {
  name: string;
  title: string;
  /** Of 127.0.0.1, for clients. */
  port: number;
  /** The names of its processes, in the order of their start. */
  processNames: readonly string[];
  /** Ends it as a power cut would, without a word to anybody; resolves when nothing of it is left. */
  kill: () => Promise<void>;
  /** Starts it again after a `kill`; resolves when it answers. */
  start: () => Promise<void>;
};

/** Starts a server as part of a set and resolves when it answers in its own protocol. */
export async function startServer(
  { definition, ports, folder }: PlannedServer,
  processes: ProcessSet,
  readyTimeoutMs: number,
): Promise<RunningServer> {
  const parts = await definition.processes({ folder, ports });
  const processNames = parts.map(({ spec }) => spec.name);
  for (const [index, part] of parts.entries()) {
    await processes.start({ ...part, stopStage: serverStopStage(parts.length - index) });
    await processes.waitUntilReady(part.spec.name, readyTimeoutMs);
  }
  return {
    name: definition.name,
    title: definition.title,
    port: ports[0] ?? 0,
    processNames,
    kill: async () => {
      const all = processNames.map((name) => processes.process(name));
      for (const process of all) process.kill('SIGKILL');
      await Promise.all(all.map((process) => process.exited));
    },
    start: async () => {
      for (const name of processNames) {
        await processes.process(name).start();
        await processes.waitUntilReady(name, readyTimeoutMs);
      }
    },
  };
}
