import { errorText } from '../../programs/error-text.js';
import { waitUntil } from '../wait-until.js';
import {
  failureText,
  superviseProcess,
  type ProcessFailure,
  type ProcessSpec,
  type SupervisedProcess,
} from './supervised-process.js';

/** A process of a system, with what the others need to know about it. */
export type Part = {
  spec: ProcessSpec;
  /** Parts of a lower stage are stopped, and have ended, before those of a higher one; equal ones at the same time. */
  stopStage: number;
  /** `true`, or what is missing. */
  isReady: () => Promise<true | string>;
};

export type ProcessSet = {
  /** Starts a part; rejects when it cannot be started or the set is stopping. */
  start: (part: Part) => Promise<SupervisedProcess>;
  /** The handle of a part; throws for an unknown name, listing those there are. */
  process: (name: string) => SupervisedProcess;
  names: () => readonly string[];
  /** Rejects at the deadline saying what was missing, or as soon as the process has ended; with its last lines. */
  waitUntilReady: (name: string, timeoutMs: number) => Promise<void>;
  /** Resolves with the first process that died although nobody stopped it; then the others are being stopped. */
  readonly failed: Promise<ProcessFailure>;
  /** Stops everything in order; resolves when nothing is left. Asking again is answered with the same stop. */
  stop: () => Promise<void>;
};

/** How much of a process's output belongs into the message that it did not become ready. */
const linesOfUnready = 25;

/** Processes that live and die together. `onLine` gets every line with the name of its process. */
export function createProcessSet(onLine: (name: string, line: string) => void): ProcessSet {
  const members = new Map<string, { part: Part; process: SupervisedProcess }>();
  let stopping: Promise<void> | undefined;
  let fail: (failure: ProcessFailure) => void = () => undefined;
  const failed = new Promise<ProcessFailure>((resolve) => {
    fail = resolve;
  });

  const member = (name: string): { part: Part; process: SupervisedProcess } => {
    const found = members.get(name);
    if (found === undefined)
      throw new Error(`there is no process ${name}, only ${[...members.keys()].join(', ')}`);
    return found;
  };

  const stopInOrder = async (): Promise<void> => {
    const all = [...members.values()];
    for (const { process } of all) process.expectExit();
    const stages = [...new Set(all.map(({ part }) => part.stopStage))].sort((a, b) => a - b);
    for (const stage of stages) {
      const together = all.filter(({ part }) => part.stopStage === stage);
      await Promise.all(together.map(({ process }) => process.stop()));
    }
  };
  const stop = (): Promise<void> => (stopping ??= stopInOrder());
  const isStopping = (): boolean => stopping !== undefined;

  return {
    failed,
    stop,
    process: (name) => member(name).process,
    names: () => [...members.keys()],
    start: async (part) => {
      const { name } = part.spec;
      if (isStopping()) throw new Error(`${name} is not started: everything is being stopped`);
      if (members.has(name)) throw new Error(`there is already a process ${name}`);
      const process = superviseProcess(part.spec, {
        onLine: (line) => {
          onLine(name, line);
        },
        onFailure: (failure) => {
          fail(failure);
          void stop();
        },
      });
      await process.start();
      members.set(name, { part, process });
      // What is to be done before a start may take long; what was stopped meanwhile did not know of this process.
      if (isStopping()) {
        await process.stop();
        throw new Error(`${name} is not started: everything is being stopped`);
      }
      return process;
    },
    waitUntilReady: async (name, timeoutMs) => {
      const { part, process } = member(name);
      try {
        await waitUntil(async () => {
          if (!process.running) throw new Error(await endText(process));
          return part.isReady();
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
