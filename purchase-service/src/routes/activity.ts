import { activityApiPath, activitySchema, type Activity } from '@unity-purchase/contracts';
import { createApiRouter, route, type ApiRouter } from '@unity-purchase/service-kit';
import { commonProblems } from './common-problems.js';

/** Reports what this replica did in the last minutes. Reading it is not audited: it says nothing about any shopper. */
export function activityRouter({ activity }: { activity: () => Promise<Activity> }): ApiRouter {
  const api = createApiRouter();
  route(
    api,
    {
      method: 'GET',
      path: activityApiPath,
      summary: 'The activity of this replica in the last minutes, and its health checks',
      answer: { status: 200, description: 'The activity', schema: activitySchema },
      problems: commonProblems,
    },
    activity,
  );
  return api;
}
