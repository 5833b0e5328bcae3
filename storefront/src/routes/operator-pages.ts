import { deadLetterDecisions, deadLetterIdSchema } from '@unity-purchase/contracts';
import { AppError, parsePath } from '@unity-purchase/service-kit';
import { Router } from 'express';
import { z } from 'zod';
import { limitRate } from '../middleware/rate-limit.js';
import { requireOperator } from '../middleware/require-operator.js';
import type { DeadLetterDesk } from '../operators/dead-letter-desk.js';
import type { OperatorPasses } from '../operators/operator-passes.js';
import { cursorParameter } from '../pages/cursor-parameter.js';
import { localPath } from '../pages/sign-in-form.js';
import { deadLetterPath, paths } from '../paths.js';
import { sessionOf } from '../sessions/session.js';

/** Somebody who knows the token needs one; somebody who guesses gets nowhere. */
const signInsPerMinuteMax = 10;

const signInForm = z.strictObject({ token: z.string(), returnTo: z.string().optional() });
const letterPath = z.object({ id: deadLetterIdSchema });
const decisionPath = letterPath.extend({ decision: z.enum(deadLetterDecisions) });

type Parts = { passes: OperatorPasses; desk: DeadLetterDesk };

/** The operators' pages: what could not be recorded, and what is to become of it. */
export function operatorPagesRouter({ passes, desk }: Parts): Router {
  const router = Router();
  const signInPage = {
    title: 'Operators',
    byToken: passes.byToken,
    errors: [] as { field: string; message: string }[],
  };

  router.get(paths.operatorSignIn, (request, response) => {
    response.render('operator-sign-in', { ...signInPage, returnTo: returnPath(request.query['returnTo']) });
  });

  router.post(paths.operatorSignIn, limitRate(signInsPerMinuteMax), async (request, response) => {
    const form = signInForm.safeParse(request.body);
    if (!form.success) throw new AppError('invalid-form', 400, 'This form is not one that the shop offered.');
    const returnTo = returnPath(form.data.returnTo);
    const pass = passes.open(form.data.token);
    if (pass === undefined) {
      const errors = [{ field: 'token', message: 'This is not the operators’ token' }];
      response.status(403).render('operator-sign-in', { ...signInPage, returnTo, errors });
      return;
    }
    await sessionOf(response).admitOperator(pass);
    response.redirect(303, returnTo);
  });

  router.use(paths.operators, requireOperator(passes));

  router.get(paths.operators, (_request, response) => {
    response.redirect(303, paths.deadLetters);
  });

  router.get(paths.deadLetters, async (request, response) => {
    const cursor = cursorParameter(request, 'There is no such page of the dead letters.');
    const page = await desk.page(cursor);
    response.render('dead-letters', { title: 'Dead letters', page, isFirst: cursor === undefined });
  });

  router.get(paths.deadLetter, async (request, response) => {
    const letter = await desk.find(parsePath(letterPath, request).id);
    response.render('dead-letter', { title: 'Dead letter', letter });
  });

  router.post(paths.deadLetterDecision, async (request, response) => {
    const { id, decision } = parsePath(decisionPath, request);
    await desk.decide(id, decision);
    response.redirect(303, deadLetterPath(id));
  });

  return router;
}

/** Where to go on to: an operators' page, or the list. */
function returnPath(returnTo: unknown): string {
  const path = localPath(returnTo);
  return path.startsWith(`${paths.operators}/`) ? path : paths.deadLetters;
}
