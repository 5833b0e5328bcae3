import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianProgram, prometheusPackages, findFreePorts, type ServerProcess } from '@unity-purchase/tools';
import { answersOk } from '../kubernetes/control-plane/answers-ok.js';
import type { ControlPlane } from '../kubernetes/control-plane/control-plane.js';

/** A real Prometheus of a run. */
export type Prometheus = {
  url: string;
  /** Where it reads whom to ask. */
  targetsFile: string;
  /** Tells it whom to ask from now on. */
  retarget: (targets: string) => Promise<void>;
  /** Starts it for the first time. */
  start: (config: string) => Promise<void>;
  /** Ends it as a power cut would. */
  kill: () => Promise<void>;
  restart: () => Promise<void>;
  /** The one number that a query gives, or undefined where it gives none or nobody answers. */
  value: (query: string) => Promise<number | undefined>;
};

const name = 'prometheus';
const readyTimeoutMs = 30_000;
const queryTimeoutMs = 2_000;

/** Prepares a Prometheus on a free port; it starts when there is something to scrape. */
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
      // It reads the file as soon as it changes: never half of it.
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
