import {
  activityApiPath,
  activitySchema,
  type Activity,
  type WaitingDeadLetters,
} from '@unity-purchase/contracts';
import { createApiRouter, route, type ApiRouter } from '@unity-purchase/service-kit';
import { commonProblems } from './common-problems.js';

type Dependencies = {
  activity: () => Promise<Activity>;
  waitingLetters: { read: () => Promise<WaitingDeadLetters | undefined> };
};

/** Reports what this replica did in the last minutes. Reading it is not audited: it says nothing about any shopper. */
export function activityRouter({ activity, waitingLetters }: Dependencies): ApiRouter {
  const api = createApiRouter();
  route(
    api,
    {
      method: 'GET',
      path: activityApiPath,
      summary:
        'The activity of this replica in the last minutes, its health checks, and how many dead letters wait for a decision',
      answer: { status: 200, description: 'The activity', schema: activitySchema },
      problems: commonProblems,
    },
    async () => {
      const [recent, waitingDeadLetters] = await Promise.all([activity(), waitingLetters.read()]);
      return { ...recent, ...(waitingDeadLetters === undefined ? {} : { waitingDeadLetters }) };
    },
  );
  return api;
}
