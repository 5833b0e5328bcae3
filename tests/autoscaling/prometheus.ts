import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianProgram, prometheusPackages, findFreePorts, type ServerProcess } from '@unity-purchase/tools';
import { answersOk } from '../kubernetes/control-plane/answers-ok.js';
import type { ControlPlane } from '../kubernetes/control-plane/control-plane.js';

/** A run's real Prometheus. */
export type Prometheus = {
  url: string;
  /** The file that it reads its targets from. */
  targetsFile: string;
  /** Replaces its targets. */
  retarget: (targets: string) => Promise<void>;
  /** Starts it for the first time. */
  start: (config: string) => Promise<void>;
  /** Kills it without a chance to clean up. */
  kill: () => Promise<void>;
  restart: () => Promise<void>;
  /** The result of a query for one number. Undefined without a result, or if Prometheus does not answer. */
  value: (query: string) => Promise<number | undefined>;
};

const name = 'prometheus';
const readyTimeoutMs = 30_000;
const queryTimeoutMs = 2_000;

/** Prepares a Prometheus on a free port. Start it when there is something to scrape. */
export async function preparePrometheus({ add, processes, folder }: ControlPlane): Promise<Prometheus> {
  const { tree, env } = await debianProgram(prometheusPackages);
  const [port = 0] = await findFreePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const home = join(folder, name);
  const config = join(home, 'prometheus.yaml');
  const targetsFile = join(home, 'targets.json');
  let written = '';
  await mkdir(home, { recursive: true });
  const part: ServerProcess = {
    spec: {
      name,
      command: join(tree, 'usr', 'bin', 'prometheus'),
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${join(home, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=warn',
      ],
      cwd: folder,
      env,
      stopTimeoutMs: 5_000,
    },
    isReady: () => answersOk(`${url}/-/ready`),
  };
  return {
    url,
    targetsFile,
    retarget: async (targets) => {
      if (targets === written) return;
      written = targets;
      // Prometheus reads the file as soon as it changes, so replace it atomically.
      await writeFile(`${targetsFile}.new`, targets);
      await rename(`${targetsFile}.new`, targetsFile);
    },
    start: async (text) => {
      await writeFile(config, text);
      await add([part]);
    },
    kill: async () => {
      const process = processes.process(name);
      process.kill('SIGKILL');
      await process.exited;
    },
    restart: async () => {
      await processes.process(name).start();
      await processes.waitUntilReady(name, readyTimeoutMs);
    },
    value: async (query) => {
      try {
        const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`, {
          signal: AbortSignal.timeout(queryTimeoutMs),
        });
        const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
        const value = data.result[0]?.value[1];
        return value === undefined ? undefined : Number(value);
      } catch {
        return undefined;
      }
    },
  };
}
