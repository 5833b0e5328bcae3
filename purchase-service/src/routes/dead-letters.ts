import {
  deadLetterApiPath,
  deadLetterDetailsSchema,
  deadLetterIdSchema,
  deadLetterPageSchema,
  deadLetterSchema,
  pageQuerySchema,
  type DeadLetter,
  type DeadLetterDetails,
  type DeadLetterPage,
} from '@unity-purchase/contracts';
import { parsePath, parseQuery, type ApiOperation } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { z } from 'zod';
import { aPage, audited, auditedOperation, inPath, type Audit } from './audited.js';
import { commonProblems, pageProblems } from './documented-problems.js';

type Parts = {
  deadLetters: {
    page: (limit: number, cursor: string | undefined) => Promise<DeadLetterPage>;
    find: (id: string) => Promise<DeadLetterDetails>;
    replay: (id: string) => Promise<DeadLetter>;
    discard: (id: string) => Promise<DeadLetter>;
  };
  audit: Audit;
};

const letterPath = z.object({ id: deadLetterIdSchema });
const theLetter = inPath(letterPath, 'id');

const onePath = `${deadLetterApiPath}/:id`;
const replayPath = `${onePath}/replay`;
const discardPath = `${onePath}/discard`;
const noSuch = { 404: 'There is no dead letter with this id.' };

/** The API of dead letters as its document tells it. */
export const deadLetterOperations: readonly ApiOperation[] = [
  auditedOperation({
    method: 'GET',
    path: deadLetterApiPath,
    summary: 'A page of what could not be recorded, newest first',
    query: pageQuerySchema,
    answer: { status: 200, description: 'The page', schema: deadLetterPageSchema },
    problems: pageProblems,
  }),
  auditedOperation({
    method: 'GET',
    path: onePath,
    summary: 'One dead letter: what was delivered, and what is wrong with it',
    pathParameters: letterPath,
    answer: { status: 200, description: 'The dead letter', schema: deadLetterDetailsSchema },
    problems: { ...noSuch, ...commonProblems },
  }),
  auditedOperation({
    method: 'POST',
    path: replayPath,
    summary: 'Publishes its event again, which is harmless twice',
    pathParameters: letterPath,
    answer: { status: 202, description: 'The broker has the event', schema: deadLetterSchema },
    problems: { ...noSuch, 409: 'It is no valid event.', ...commonProblems },
  }),
  auditedOperation({
    method: 'POST',
    path: discardPath,
    summary: 'Notes down that nothing is to be done about it',
    pathParameters: letterPath,
    answer: { status: 200, description: 'It is discarded', schema: deadLetterSchema },
    problems: { ...noSuch, ...commonProblems },
  }),
];

/** What operators do about dead letters: look at them, replay them, discard them. */
export function deadLettersRouter({ deadLetters, audit }: Parts): Router {
  const router = Router();
  router.get(deadLetterApiPath, audited(audit, 'list-dead-letters', aPage), async (request, response) => {
    const { limit, cursor } = parseQuery(pageQuerySchema, request);
    response.json(await deadLetters.page(limit, cursor));
  });
  router.get(onePath, audited(audit, 'read-dead-letter', theLetter), async (request, response) => {
    response.json(await deadLetters.find(parsePath(letterPath, request).id));
  });
  router.post(replayPath, audited(audit, 'replay-dead-letter', theLetter), async (request, response) => {
    response.status(202).json(await deadLetters.replay(parsePath(letterPath, request).id));
  });
  router.post(discardPath, audited(audit, 'discard-dead-letter', theLetter), async (request, response) => {
    response.json(await deadLetters.discard(parsePath(letterPath, request).id));
  });
  return router;
}
