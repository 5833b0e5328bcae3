import {
  deadLetterApiPath,
  deadLetterIdSchema,
  type DeadLetter,
  type DeadLetterDetails,
  type DeadLetterPage,
} from '@unity-purchase/contracts';
import { parsePath, parseQuery } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { z } from 'zod';
import { pageQuery } from './page-query.js';

type Parts = {
  deadLetters: {
    page: (limit: number, cursor: string | undefined) => Promise<DeadLetterPage>;
    find: (id: string) => Promise<DeadLetterDetails>;
    replay: (id: string) => Promise<DeadLetter>;
    discard: (id: string) => Promise<DeadLetter>;
  };
};

const letterPath = z.object({ id: deadLetterIdSchema });

/** What operators do about dead letters: look at them, replay them, discard them. */
export function deadLettersRouter({ deadLetters }: Parts): Router {
  const router = Router();
  const one = `${deadLetterApiPath}/:id`;
  router.get(deadLetterApiPath, async (request, response) => {
    const { limit, cursor } = parseQuery(pageQuery, request);
    response.json(await deadLetters.page(limit, cursor));
  });
  router.get(one, async (request, response) => {
    response.json(await deadLetters.find(parsePath(letterPath, request).id));
  });
  router.post(`${one}/replay`, async (request, response) => {
    response.status(202).json(await deadLetters.replay(parsePath(letterPath, request).id));
  });
  router.post(`${one}/discard`, async (request, response) => {
    response.json(await deadLetters.discard(parsePath(letterPath, request).id));
  });
  return router;
}
