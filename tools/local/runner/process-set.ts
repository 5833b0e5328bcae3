import { errorText } from '../../programs/error-text.js';
import { waitUntil } from '../wait-until.js';
import {
  failureText,
  superviseProcess,
  type ProcessFailure,
  type ProcessSpec,
  type SupervisedProcess,
} from './supervised-process.js';

/** A process of a system. */
export type SystemProcess = {
  spec: ProcessSpec;
  /** Processes of a lower stage have ended before those of a higher stage are stopped. Those of one stage stop together. */
  stopStage: number;
  /** Resolves to `true` when the process is ready, otherwise to what is missing. */
  isReady: () => Promise<true | string>;
  /** Takes each line of its output, also of later runs. */
  read?: (line: string) => void;
  /** Receives an unexpected end. Resolves to `true` if the process starts again later, so that the others continue. */
  takeEnd?: (failure: ProcessFailure) => Promise<boolean>;
};

/** Processes that run together: when one fails, the others are stopped. */
export type ProcessSet = {
  /** Starts a process. Rejects when it cannot be started or the set is stopping. */
  start: (process: SystemProcess) => Promise<SupervisedProcess>;
  /** Returns the handle of a process. Throws for an unknown name, listing the known ones. */
  process: (name: string) => SupervisedProcess;
  names: () => readonly string[];
  /** Rejects at the timeout with what is missing, or as soon as the process has ended; either way with its last lines. */
  waitUntilReady: (name: string, timeoutMs: number) => Promise<void>;
  /** Resolves with the first process that ended unexpectedly. The others are then being stopped. */
  readonly failed: Promise<ProcessFailure>;
  /** Stops every process in order. Resolves when all have ended. A second call returns the same promise. */
  stop: () => Promise<void>;
};

/** How many lines of output the error of a process that did not become ready contains. */
const linesOfUnready = 25;

/** Returns a set without processes. `onLine` receives every line of output with the name of its process. */
export function createProcessSet(onLine: (name: string, line: string) => void): ProcessSet {
  const members = new Map<string, { definition: SystemProcess; process: SupervisedProcess }>();
  let stopping: Promise<void> | undefined;
  let fail: (failure: ProcessFailure) => void = () => undefined;
  const failed = new Promise<ProcessFailure>((resolve) => {
    fail = resolve;
  });

  const member = (name: string): { definition: SystemProcess; process: SupervisedProcess } => {
    const found = members.get(name);
    if (found === undefined)
      throw new Error(`there is no process ${name}, only ${[...members.keys()].join(', ')}`);
    return found;
  };

  const stopInOrder = async (): Promise<void> => {
    const all = [...members.values()];
    for (const { process } of all) process.expectExit();
    const stages = [...new Set(all.map(({ definition }) => definition.stopStage))].sort((a, b) => a - b);
    for (const stage of stages) {
      const together = all.filter(({ definition }) => definition.stopStage === stage);
      await Promise.all(together.map(({ process }) => process.stop()));
    }
  };
  const stop = (): Promise<void> => (stopping ??= stopInOrder());
  const isStopping = (): boolean => stopping !== undefined;

  const takeEnd = async (definition: SystemProcess, failure: ProcessFailure): Promise<void> => {
    if ((await definition.takeEnd?.(failure)) === true) return;
    fail(failure);
    void stop();
  };

  return {
    failed,
    stop,
    process: (name) => member(name).process,
    names: () => [...members.keys()],
    start: async (definition) => {
      const { name } = definition.spec;
      if (isStopping()) throw new Error(`${name} is not started: everything is being stopped`);
      if (members.has(name)) throw new Error(`there is already a process ${name}`);
      const process = superviseProcess(definition.spec, {
        onLine: (line) => {
          onLine(name, line);
          definition.read?.(line);
        },
        onFailure: (failure) => void takeEnd(definition, failure),
      });
      await process.start();
      members.set(name, { definition, process });
      // A start may take long. If the set was stopped meanwhile, it did not know this process yet.
      if (isStopping()) {
        await process.stop();
        throw new Error(`${name} is not started: everything is being stopped`);
      }
      return process;
    },
    waitUntilReady: async (name, timeoutMs) => {
      const { definition, process } = member(name);
      try {
        await waitUntil(async () => {
          if (!process.running) throw new Error(await endText(process));
          return definition.isReady();
        }, timeoutMs);
      } catch (error) {
        const lines = process.lines().slice(-linesOfUnready);
        throw new Error(
          [`${name} is not ready, ${errorText(error)}`, ...lines.map((line) => `  ${line}`)].join('\n'),
          { cause: error },
        );
      }
    },
  };
}

async function endText(process: SupervisedProcess): Promise<string> {
  return failureText({ name: 'it', exit: await process.exited, lastLines: [] });
}
