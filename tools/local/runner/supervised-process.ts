import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { killOnExit, signalGroup } from '../../programs/children-on-exit.js';
import { createLineRing } from './line-ring.js';

export type ProcessSpec = {
  name: string;
  command: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** How long the process may take to end after `stopSignal` before its group receives SIGKILL. */
  stopTimeoutMs: number;
  /** The signal that asks the process to end gracefully; SIGTERM by default. */
  stopSignal?: NodeJS.Signals;
  /** Runs before every start, to clean up after an earlier run. */
  beforeStart?: () => Promise<void>;
  /** Runs after every end, to end processes that left the group. Must not reject. `exited` waits for it. */
  afterExit?: () => Promise<void>;
  /** Selects lines that are stored but not passed to `onLine`. */
  isRoutine?: (line: string) => boolean;
};

/** How a process ended. One of the two is null. */
export type ProcessExit = { code: number | null; signal: NodeJS.Signals | null };

/** A process that ended unexpectedly. */
export type ProcessFailure = { name: string; exit: ProcessExit; lastLines: readonly string[] };

export type ProcessListeners = {
  onLine: (line: string) => void;
  onFailure: (failure: ProcessFailure) => void;
};

/** The handle of a process that may be started many times. `pid`, `running` and `exited` describe the latest run. */
export type SupervisedProcess = {
  readonly name: string;
  readonly pid: number | undefined;
  readonly running: boolean;
  /** Resolves when the run has ended, its output has been read and its group has no process left. */
  readonly exited: Promise<ProcessExit>;
  /** Resolves once the process exists. Rejects when it cannot be started or already runs. */
  start: () => Promise<void>;
  /** Asks the process to end, and kills it after the timeout. Resolves when it has ended. This is not a failure. */
  stop: () => Promise<ProcessExit | undefined>;
  /** Stops and starts the process. The caller waits until it is ready. */
  restart: () => Promise<void>;
  /** Signals the whole group without waiting. An end of the process is then expected, so it is not a failure. */
  kill: (signal?: NodeJS.Signals) => void;
  /** Marks the end of this run as expected, whatever its cause. */
  expectExit: () => void;
  /** Returns the output of all runs, oldest line first, up to the newest 5,000 lines. */
  lines: () => readonly string[];
};

/** Enough for a long test, and bounded for a system that runs for days. */
const linesKept = 5_000;

/** Enough to show a stack trace and a few lines before it. */
const linesOfFailure = 25;

/** A child that left the group may keep the output open. Output that is already written is read well within this time. */
const outputDrainMs = 1_000;

/** Signals that pause and resume a process without ending it. */
const pauseSignals: readonly string[] = ['SIGSTOP', 'SIGCONT'];

/** Returns a handle; `start` starts the process. The process leads its own group, so that Ctrl-C does not reach it. */
export function superviseProcess(spec: ProcessSpec, listeners: ProcessListeners): SupervisedProcess {
  const ring = createLineRing(linesKept);
  let run:
    { child: ChildProcess; exited: Promise<ProcessExit>; running: boolean; expected: boolean } | undefined;

  const write = (line: string): void => {
    ring.push(line);
    if (spec.isRoutine?.(line) !== true) listeners.onLine(line);
  };

  const handle: SupervisedProcess = {
    name: spec.name,
    get pid() {
      return run?.running === true ? run.child.pid : undefined;
    },
    get running() {
      return run?.running === true;
    },
    get exited() {
      return run?.exited ?? Promise.reject(new Error(`${spec.name} was never started`));
    },
    start: async () => {
      if (handle.running) throw new Error(`${spec.name} is already running`);
      await spec.beforeStart?.();
      const child = spawn(spec.command, spec.args, {
        cwd: spec.cwd,
        env: spec.env,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      const { pid } = child;
      if (pid === undefined) throw await startError(spec, child);
      const forget = killOnExit(pid, 'group');
      for (const input of [child.stdout, child.stderr])
        createInterface({ input, crlfDelay: Infinity }).on('line', write);
      const exited = endOf(child, pid, spec);
      const current = { child, exited, running: true, expected: false };
      run = current;
      void exited.then((exit) => {
        current.running = false;
        forget();
        if (!current.expected)
          listeners.onFailure({ name: spec.name, exit, lastLines: ring.lines(linesOfFailure) });
      });
    },
    stop: async () => {
      if (run === undefined) return undefined;
      const { child, exited } = run;
      run.expected = true;
      if (run.running && child.pid !== undefined) {
        signalGroup(child.pid, spec.stopSignal ?? 'SIGTERM');
        const timer = setTimeout(() => {
          write(`did not stop within ${spec.stopTimeoutMs / 1_000} s and is killed`);
          handle.kill('SIGKILL');
        }, spec.stopTimeoutMs);
        await exited;
        clearTimeout(timer);
      }
      return exited;
    },
    restart: async () => {
      await handle.stop();
      await handle.start();
    },
    kill: (signal = 'SIGKILL') => {
      if (!pauseSignals.includes(signal)) handle.expectExit();
      const { pid } = handle;
      if (pid !== undefined) signalGroup(pid, signal);
    },
    expectExit: () => {
      if (run !== undefined) run.expected = true;
    },
    lines: () => ring.lines(),
  };
  return handle;
}

/** Describes for people how a process ended, with its last lines. */
export function failureText({ name, exit, lastLines }: ProcessFailure): string {
  const how =
    exit.code === null ? `was ended by ${exit.signal ?? 'a signal'}` : `ended with code ${exit.code}`;
  if (lastLines.length === 0) return `${name} ${how}. It wrote nothing.`;
  return [`${name} ${how}. Its last lines:`, ...lastLines.map((line) => `  ${line}`)].join('\n');
}

/** Rejects with `failureText` when a process fails. Never resolves. */
export async function rejectOnFailure(failed: Promise<ProcessFailure>): Promise<never> {
  throw new Error(failureText(await failed));
}

async function startError(spec: ProcessSpec, child: ChildProcess): Promise<Error> {
  const [cause] = (await once(child, 'error').catch((error: unknown) => [error])) as [unknown];
  return new Error(`${spec.name} could not be started (${spec.command} in ${spec.cwd})`, { cause });
}

async function endOf(child: ChildProcess, pid: number, { afterExit }: ProcessSpec): Promise<ProcessExit> {
  const closed = once(child, 'close');
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  // Its children must not outlive it; they would also keep its output open.
  signalGroup(pid, 'SIGKILL');
  await afterExit?.();
  const drained = new AbortController();
  await Promise.race([closed, delay(outputDrainMs, undefined, { signal: drained.signal })]);
  drained.abort();
  child.stdout?.destroy();
  child.stderr?.destroy();
  return { code, signal };
}
