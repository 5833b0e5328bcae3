import { appIds, eventRoutes } from '@unity-purchase/contracts';
import { startService } from '@unity-purchase/service-kit';
import { activityMetrics } from './activity-metrics.js';
import { createApp } from './app.js';
import { configure } from './config.js';
import { createDependencies } from './dependencies.js';

await startService({
  name: appIds.purchaseService,
  configure,
  createDependencies: (configuration, platform) => {
    const dependencies = createDependencies(configuration, platform);
    void dependencies.prepare();
    return dependencies;
  },
  createApp,
  startWork: ({ keepJournalShard }) => keepJournalShard(),
  activityMetrics,
  // The broker limits how many deliveries are in flight, and one that is refused would only be delivered again.
  alwaysAdmitted: Object.values(eventRoutes),
});
