import { join } from 'node:path';
import {
  superviseProcess,
  waitUntil,
  type ProcessFailure,
  type SupervisedProcess,
} from '@unity-purchase/tools';
import { writeDirectPlaces, type DirectPlaces } from '../direct/direct-places.js';
import { readMetric } from '../../system/prometheus.js';
import { recordedMetric, withoutPause, type Recorder } from './pipeline.js';

const programs = join(import.meta.dirname, '..', 'direct');

/** Leaving the group and draining take a second or two. */
const stopTimeoutMs = 15_000;

const readyTimeoutMs = 60_000;

/** A program without a sidecar. Disposing of it stops it. */
export type DirectService = AsyncDisposable & {
  url: string;
  process: SupervisedProcess;
  /** Resolves when it is ready. */
  start: () => Promise<void>;
  stop: () => Promise<void>;
};

/** Returns a program of `direct/`, not yet started. It runs the way the runner starts the real services. */
export function directService(
  program: string,
  {
    port,
    places,
    onFailure,
  }: { port: number; places: DirectPlaces; onFailure: (failure: ProcessFailure) => void },
): DirectService {
  const url = `http://127.0.0.1:${port}`;
  const supervised = superviseProcess(
    {
      name: program,
      command: process.execPath,
      args: ['--import', 'tsx', '--conditions=@unity-purchase/source', `${program}.ts`],
      cwd: programs,
      env: {
        ...process.env,
        ...writeDirectPlaces(places),
        PORT: String(port),
        ...withoutPause,
        SHUTDOWN_DELAY_MS: '0',
        // Required by the configuration; nothing calls it.
        DAPR_HTTP_PORT: '1',
      },
      stopTimeoutMs,
    },
    { onLine: () => undefined, onFailure },
  );
  const stop = async (): Promise<void> => {
    await supervised.stop();
  };
  return {
    url,
    process: supervised,
    stop,
    [Symbol.asyncDispose]: stop,
    start: async () => {
      await supervised.start();
      await waitUntil(async () => {
        const status = await fetch(`${url}/health/ready`).then(
          (answer) => answer.status,
          () => undefined,
        );
        return status === 200 || `${program} is not ready`;
      }, readyTimeoutMs);
    },
  };
}

/** The recorder that such a program is. */
export function directRecorder({ url, start, stop }: DirectService): Recorder {
  return {
    start,
    stop,
    recorded: () => readMetric(`${url}/metrics`, recordedMetric),
  };
}
