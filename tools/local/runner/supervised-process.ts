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
  /** How long it may take to end after `stopSignal` before its whole group gets SIGKILL. */
  stopTimeoutMs: number;
  /** What asks it to end in good order; SIGTERM by default. */
  stopSignal?: NodeJS.Signals;
  /** Runs before every start, for what an earlier run may have left behind. */
  beforeStart?: () => Promise<void>;
  /** Runs after every end, for what may have left the process's group; must not reject. It is not over before. */
  afterExit?: () => Promise<void>;
  /** Lines that are kept, but not passed on to whoever watches. */
  isRoutine?: (line: string) => boolean;
};

/** How a process ended: one of the two is null. */
export type ProcessExit = { code: number | null; signal: NodeJS.Signals | null };

/** A process that ended although nobody wanted it to. */
export type ProcessFailure = { name: string; exit: ProcessExit; lastLines: readonly string[] };

export type ProcessListeners = {
  onLine: (line: string) => void;
  onFailure: (failure: ProcessFailure) => void;
};

/** A process held by its handle through any number of runs; `pid`, `running` and `exited` speak of the latest one. */
export type SupervisedProcess = {
  readonly name: string;
  readonly pid: number | undefined;
  readonly running: boolean;
  /** Resolves when the run has ended, all its output has been read and nothing of its group is left. */
  readonly exited: Promise<ProcessExit>;
  /** Resolves once the process exists; rejects when it cannot be started or already runs. */
  start: () => Promise<void>;
  /** Asks it to end, and SIGKILL after the deadline; resolves when it has ended. Such an end is no failure. */
  stop: () => Promise<ProcessExit | undefined>;
  /** Stops and starts it; readiness is for the caller to await. */
  restart: () => Promise<void>;
  /** Signals the whole group without waiting. Whatever ends it is on purpose: no failure. */
  kill: (signal?: NodeJS.Signals) => void;
  /** Says that the end of this run is on purpose, however it comes. */
  expectExit: () => void;
  /** What it wrote so far, oldest first; only the newest 5,000 lines of all runs are kept. */
  lines: () => readonly string[];
};

/** Enough for the story of a long test, bounded for a system that runs for days. */
const linesKept = 5_000;

/** What a person needs to see of a process that died: a stack trace and a little before it. */
const linesOfFailure = 25;

/** A child that left the group may hold the output open for ever; what was written is read long before. */
const outputDrainMs = 1_000;

/** These pause and resume a process, they do not end it. */
const pauseSignals: readonly string[] = ['SIGSTOP', 'SIGCONT'];

/** Prepares a process; nothing runs before `start`. It leads a group of its own, so that Ctrl-C does not reach it. */
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

/** What happened to a process that died, with its last lines, for a person. */
export function failureText({ name, exit, lastLines }: ProcessFailure): string {
  const how =
    exit.code === null ? `was ended by ${exit.signal ?? 'a signal'}` : `ended with code ${exit.code}`;
  if (lastLines.length === 0) return `${name} ${how}. It wrote nothing.`;
  return [`${name} ${how}. Its last lines:`, ...lastLines.map((line) => `  ${line}`)].join('\n');
}

async function startError(spec: ProcessSpec, child: ChildProcess): Promise<Error> {
  const [cause] = (await once(child, 'error').catch((error: unknown) => [error])) as [unknown];
  return new Error(`${spec.name} could not be started (${spec.command} in ${spec.cwd})`, { cause });
}

async function endOf(child: ChildProcess, pid: number, { afterExit }: ProcessSpec): Promise<ProcessExit> {
  const closed = once(child, 'close');
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  // What the process started itself must not outlive it, and would keep its output open.
  signalGroup(pid, 'SIGKILL');
  await afterExit?.();
  const drained = new AbortController();
  await Promise.race([closed, delay(outputDrainMs, undefined, { signal: drained.signal })]);
  drained.abort();
  child.stdout?.destroy();
  child.stderr?.destroy();
  return { code, signal };
}
