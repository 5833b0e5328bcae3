import { signalProcess } from '../../programs/children-on-exit.js';
import { stopGroups } from '../pauses/stop-groups.js';
import { recoverFromFullDisk } from './full-disk.js';
import { serverStopStage } from './instance-processes.js';
import type { PlannedServer } from './plan-servers.js';
import type { ProcessSet } from './process-set.js';

/** A broker or database that was started with a system. */
export type RunningServer = {
  name: string;
  title: string;
  /** The port of 127.0.0.1 for clients. */
  port: number;
  /** The names of its processes in the order of their start. */
  processNames: readonly string[];
  /** Kills all its processes at once, as a power failure would. Resolves when they have ended. */
  kill: () => Promise<void>;
  /** Starts it again after a `kill`. Resolves when it answers. */
  start: () => Promise<void>;
  /** Stops all its processes with SIGSTOP and resolves to their ids, to continue them. Negative ids are groups. Never rejects. */
  pause: () => Promise<number[]>;
};

type StartServerOptions = {
  processes: ProcessSet;
  readyTimeoutMs: number;
  report: (text: string) => void;
  /** Ends the supervision of the server. */
  signal: AbortSignal;
};

/**
 * Starts a server in a set of processes. Resolves when it answers in its own protocol. A process that stops storing because its
 * disk is full is started again when there is room.
 */
export async function startServer(
  { definition, ports, folder }: PlannedServer,
  { processes, readyTimeoutMs, report, signal }: StartServerOptions,
): Promise<RunningServer> {
  const serverProcesses = await definition.processes({ folder, ports });
  const processNames = serverProcesses.map(({ spec }) => spec.name);
  for (const [index, process] of serverProcesses.entries()) {
    const { spec, storesNothingAfter } = process;
    const recovery = recoverFromFullDisk({
      title: definition.title,
      folder,
      ...(storesNothingAfter === undefined ? {} : { storesNothingAfter }),
      restart: async () => {
        await processes.process(spec.name).restart();
        await processes.waitUntilReady(spec.name, readyTimeoutMs);
      },
      report,
      signal,
    });
    await processes.start({
      ...process,
      ...recovery,
      stopStage: serverStopStage(serverProcesses.length - index),
    });
    await processes.waitUntilReady(spec.name, readyTimeoutMs);
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
    pause: async () => {
      // First those that start others, so that the others are complete when they are listed.
      const groups = stopGroups(processNames.map((name) => processes.process(name)));
      const others = await Promise.all(
        serverProcesses.map(async ({ outsideGroup }) => (await outsideGroup?.().catch(() => [])) ?? []),
      );
      return [...groups, ...others.flat().filter((pid) => signalProcess(pid, 'SIGSTOP'))];
    },
  };
}
