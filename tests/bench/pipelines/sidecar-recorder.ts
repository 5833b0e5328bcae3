import { appIds } from '@unity-purchase/contracts';
import type { RunningSystem } from '@unity-purchase/tools';
import { readMetric } from '../../system/prometheus.js';
import { recordedMetric, type Recorder } from './pipeline.js';

const service = appIds.purchaseService;

/** Returns the purchase-service of a system with its sidecar. Both run until they are stopped for the first time. */
export function sidecarRecorder(system: RunningSystem): Recorder {
  const app = system.process(service);
  const sidecar = system.process(`${service}-sidecar`);
  return {
    start: async () => {
      await Promise.all([sidecar.start(), app.start()]);
      await Promise.all([sidecar, app].map(({ name }) => system.waitUntilReady(name)));
    },
    // Stops the sidecar first, so that delivered events are still recorded and acknowledged.
    stop: async () => {
      await sidecar.stop();
      await app.stop();
    },
    recorded: () => readMetric(`${system.url(service)}/metrics`, recordedMetric),
  };
}
