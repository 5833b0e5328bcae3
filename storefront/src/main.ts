import { appIds } from '@unity-purchase/contracts';
import { startService } from '@unity-purchase/service-kit';
import { activityMetrics } from './activity-metrics.js';
import { createApp } from './app.js';
import { configure } from './config.js';
import { createDependencies } from './dependencies.js';
import { busyPage } from './pages/busy-page.js';
import { readInputs } from './read-inputs.js';

await startService({
  name: appIds.storefront,
  configure,
  createDependencies: async (configuration, platform) =>
    createDependencies(configuration, platform, await readInputs(configuration, platform.gateway)),
  createApp,
  activityMetrics,
  busyPage,
  endStreams: ({ live }) => {
    live.streams.close();
  },
});
