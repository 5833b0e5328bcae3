import { activityApiPath, activitySchema, type Activity } from '@unity-purchase/contracts';
import type { ApiOperation } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { commonProblems } from './documented-problems.js';

/** What can be asked about activity as its document tells it. */
export const activityOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: activityApiPath,
    summary: 'What this replica did in the last minutes, and how its parts are',
    answer: { status: 200, description: 'Its activity', schema: activitySchema },
    problems: commonProblems,
  },
];

/** Tells what this replica does; nobody is written down for asking, because it says nothing of any shopper. */
export function activityRouter({ activity }: { activity: () => Promise<Activity> }): Router {
  return Router().get(activityApiPath, async (_request, response) => {
    response.json(await activity());
  });
}
