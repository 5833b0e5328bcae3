import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { errorText } from '../../programs/error-text.js';
import { requireFreePorts } from '../runner/ports.js';
import type { ServerDefinition, ServerProcess } from '../servers/server-definition.js';
import { waitUntil } from '../wait-until.js';
import {
  detachedProcessSchema,
  isRunning,
  lastLines,
  startDetached,
  stopDetached,
  type DetachedProcess,
} from './detached-process.js';

/** Covers a cold start on a busy machine. */
const readyTimeoutMs = 90_000;

const linesOfFailure = 20;

const recordSchema = z.strictObject({ processes: z.array(detachedProcessSchema) });

/** The state of a server in the background. */
export type ServerStatus = {
  /**
   * `running`: all processes that `up` started are running and the server answers. `broken`: some processes ended, or the
   * server does not answer. `other`: a server answers that `up` did not start.
   */
  state: 'running' | 'broken' | 'stopped' | 'other';
  processes: readonly DetachedProcess[];
};

/** Starts and stops servers that keep running after the command has ended. Their data and logs are in `dataDir`. */
export class BackgroundServers {
  readonly #dataDir: string;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  async status(definition: ServerDefinition): Promise<ServerStatus> {
    const recorded = await this.#recordedProcesses(definition);
    const processes = await stillRunning(recorded);
    const answers = (await definition.answers(definition.defaultPorts[0])) === true;
    if (processes.length === 0) return { state: answers ? 'other' : 'stopped', processes };
    // A proxy in front of a database still answers when the database has ended.
    const isComplete = processes.length === recorded.length;
    return { state: answers && isComplete ? 'running' : 'broken', processes };
  }

  /**
   * Starts a server on its default ports and resolves when it answers. It first stops the remaining processes of a broken one.
   * Rejects when a port is taken, a program cannot be obtained or the server does not become ready. None of its processes is
   * then left running.
   */
  async up(definition: ServerDefinition): Promise<'started' | 'running already'> {
    const { state } = await this.status(definition);
    if (state === 'running') return 'running already';
    await this.down(definition);
    await requireFreePorts(definition.defaultPorts.map((port) => ({ port, neededBy: definition.name })));
    await definition.obtain();
    const folder = join(this.#dataDir, definition.name);
    await mkdir(folder, { recursive: true });
    const started: DetachedProcess[] = [];
    try {
      for (const process of await definition.processes({ folder, ports: definition.defaultPorts })) {
        started.push(await startDetached(process.spec, this.#logFile(definition, process)));
        await this.#write(definition, started);
        await this.#waitUntilReady(definition, process, started.at(-1));
      }
    } catch (error) {
      await this.down(definition);
      throw error;
    }
    return 'started';
  }

  /** Stops a server that `up` started, its last process first. Resolves to whether a process was running. */
  async down(definition: ServerDefinition): Promise<boolean> {
    const processes = await stillRunning(await this.#recordedProcesses(definition));
    for (const process of [...processes].reverse()) await stopDetached(process);
    await rm(this.#recordFile(definition), { force: true });
    return processes.length > 0;
  }

  async #waitUntilReady(
    definition: ServerDefinition,
    process: ServerProcess,
    started: DetachedProcess | undefined,
  ): Promise<void> {
    try {
      await waitUntil(async () => {
        if (started !== undefined && !(await isRunning(started))) throw new Error('it has ended');
        return process.isReady();
      }, readyTimeoutMs);
    } catch (error) {
      const lines = await lastLines(this.#logFile(definition, process), linesOfFailure);
      const text = [
        `${process.spec.name} is not ready, ${errorText(error)}`,
        ...lines.map((line) => `  ${line}`),
      ];
      throw new Error(text.join('\n'), { cause: error });
    }
  }

  async #recordedProcesses(definition: ServerDefinition): Promise<DetachedProcess[]> {
    const file = this.#recordFile(definition);
    try {
      return recordSchema.parse(JSON.parse(await readFile(file, 'utf8'))).processes;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      // The processes may be running, so their record must not be lost.
      throw new Error(`${file} cannot be read. Stop the processes that it names, then delete the file.`, {
        cause,
      });
    }
  }

  async #write(definition: ServerDefinition, processes: readonly DetachedProcess[]): Promise<void> {
    await writeFile(this.#recordFile(definition), `${JSON.stringify({ processes }, undefined, 2)}\n`);
  }

  #recordFile({ name }: ServerDefinition): string {
    return join(this.#dataDir, name, 'running.json');
  }

  #logFile({ name }: ServerDefinition, { spec }: ServerProcess): string {
    return join(this.#dataDir, name, `${spec.name}.log`);
  }
}

async function stillRunning(processes: readonly DetachedProcess[]): Promise<DetachedProcess[]> {
  const running = await Promise.all(processes.map(isRunning));
  return processes.filter((_, index) => running[index]);
}
