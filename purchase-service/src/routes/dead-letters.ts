import {
  auditTargets,
  deadLetterApiPath,
  deadLetterDetailsSchema,
  deadLetterIdSchema,
  deadLetterPageSchema,
  deadLetterQuerySchema,
  deadLetterReplayApiPath,
  deadLetterReplayQuerySchema,
  deadLetterReplaysSchema,
  deadLetterSchema,
  discardSchema,
} from '@unity-purchase/contracts';
import { createApiRouter, requestIdOf, type ApiRouter } from '@unity-purchase/service-kit';
import { json } from 'express';
import { z } from 'zod';
import type { AuditLog } from '../audit/audit-log.js';
import type { DeadLetters } from '../dead-letters/dead-letters.js';
import { auditedRoute } from './audited-route.js';
import { commonProblems, pageProblems } from './common-problems.js';
import { operatorOf } from './operator-of.js';

type Dependencies = {
  deadLetters: Pick<DeadLetters, 'page' | 'find' | 'replay' | 'replayWaiting' | 'discard'>;
  audit: Pick<AuditLog, 'write'>;
};

const pathParameters = z.object({ id: deadLetterIdSchema });
const targetOf = ({ path }: { path: { id: string } }) => path.id;

const onePath = `${deadLetterApiPath}/:id`;
/** More than the longest reason takes, with escapes. */
const bodyBytesMax = 4 * 1024;

const letterProblems = ['not-found', 'dead-letter-not-found', ...commonProblems] as const;

/** Dead letters, for operators: reads, replays and discards them. */
export function deadLettersRouter({ deadLetters, audit }: Dependencies): ApiRouter {
  const api = createApiRouter();
  auditedRoute(
    api,
    {
      method: 'GET',
      path: deadLetterApiPath,
      summary:
        'A page of the dead letters, newest first; optionally those in a state, with a reason, or that arrived in a period. A request looks at a limited number: follow "next" until it is missing',
      query: deadLetterQuerySchema,
      answer: { status: 200, description: 'The page', schema: deadLetterPageSchema },
      problems: pageProblems,
    },
    { audit, action: 'list-dead-letters' },
    ({ query: { limit, cursor, ...filter }, signal }) => deadLetters.page(limit, cursor, filter, signal),
  );
  auditedRoute(
    api,
    {
      method: 'POST',
      path: deadLetterReplayApiPath,
      summary:
        'Replays the waiting dead letters that can be replayed, oldest first; optionally those with a reason, or that arrived in a period. The answer has the cursor of the rest. Repeating it is harmless',
      query: deadLetterReplayQuerySchema,
      answer: { status: 200, description: 'What was replayed', schema: deadLetterReplaysSchema },
      problems: [...pageProblems, 'dead-letter-not-published'],
    },
    { audit, action: 'list-dead-letters', targetOf: () => auditTargets.replayMany },
    ({ query: { limit, cursor, ...filter }, request, response, signal }) =>
      deadLetters.replayWaiting({
        limit,
        cursor,
        filter,
        before: (id) =>
          audit.write({
            operator: operatorOf(request, response),
            action: 'replay-dead-letter',
            target: id,
            requestId: requestIdOf(response),
          }),
        signal,
      }),
  );
  auditedRoute(
    api,
    {
      method: 'GET',
      path: onePath,
      summary: 'One dead letter: what was delivered, and why it could not be recorded',
      pathParameters,
      answer: { status: 200, description: 'The dead letter', schema: deadLetterDetailsSchema },
      problems: letterProblems,
    },
    { audit, action: 'read-dead-letter', targetOf },
    ({ path, signal }) => deadLetters.find(path.id, signal),
  );
  auditedRoute(
    api,
    {
      method: 'POST',
      path: `${onePath}/replay`,
      summary: 'Publishes the event of a dead letter again; replaying twice is harmless',
      pathParameters,
      answer: { status: 202, description: 'The broker acknowledged the event', schema: deadLetterSchema },
      problems: [
        ...letterProblems,
        'dead-letter-not-valid',
        'dead-letter-truncated',
        'dead-letter-not-published',
      ],
    },
    { audit, action: 'replay-dead-letter', targetOf },
    ({ path }) => deadLetters.replay(path.id),
  );
  auditedRoute(
    api,
    {
      method: 'POST',
      path: `${onePath}/discard`,
      summary:
        'Marks a dead letter as discarded, with the reason; it is not deleted. The shopper’s page then says that the purchase did not go through',
      pathParameters,
      before: [json({ limit: bodyBytesMax })],
      body: discardSchema,
      answer: { status: 200, description: 'The discarded dead letter', schema: deadLetterSchema },
      problems: [
        ...letterProblems,
        'invalid-request',
        'malformed-body',
        'unsupported-media-type',
        'dead-letter-recorded',
        'dead-letter-replayed',
      ],
    },
    { audit, action: 'discard-dead-letter', targetOf, reasonOf: ({ body }) => body?.reason },
    ({ path, body }) => deadLetters.discard(path.id, body?.reason),
  );
  return api;
}
