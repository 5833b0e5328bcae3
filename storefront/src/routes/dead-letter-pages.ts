import {
  deadLetterIdSchema,
  discardReasonLengthMax,
  discardReasonSchema,
  type DeadLetterDetails,
} from '@unity-purchase/contracts';
import { AppError, parsePath } from '@unity-purchase/service-kit';
import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { localeOf } from '../middleware/page-locale.js';
import { operatorOf } from '../middleware/require-operator.js';
import type { Desk } from '../operators/desk.js';
import { isFilter, readLetterSearch } from '../pages/dead-letter-search.js';
import { viewLetter, viewRow } from '../pages/dead-letter-view.js';
import { readForm, type FieldError } from '../pages/read-form.js';
import { addReplays, progressFields, readProgress } from '../pages/replay-progress.js';
import { deadLetterDiscardPath, deadLetterPath, deadLetterReplaysPath, paths } from '../paths.js';
import { callerOf } from './desk-caller.js';
import { cursorParameter } from './parameters.js';

const letterPath = z.object({ id: deadLetterIdSchema });

/** Pages of earlier versions send no reason: then the form is shown again. */
const discardForm = z.strictObject({ reason: z.string().max(10_000).default('') });

/** The desk's pages about dead letters: lists, one of them, and decisions about one or all of them. */
export function deadLetterPagesRouter(desk: Desk): Router {
  const router = Router();
  const idOf = (request: Request) => parsePath(letterPath, request).id;

  router.get(paths.deadLetters, async (request, response) => {
    const { texts } = localeOf(response);
    const { values, filter, errors } = readLetterSearch(request.query, texts);
    const cursor = cursorParameter(request);
    const page =
      errors.length > 0
        ? undefined
        : await desk.deadLetters(callerOf(response), { list: values.list, ...filter, cursor });
    response.status(errors.length > 0 ? 400 : 200);
    response.render('dead-letters', {
      title: texts.desk.deadLetters,
      values,
      filter,
      isFiltered: isFilter(filter),
      errors,
      page,
      rows: page?.deadLetters.map((letter) => viewRow(letter, texts)),
      isFirst: cursor === undefined,
    });
  });

  router.get(paths.deadLetterReplays, (request, response) => {
    const progress = readProgress(request.query);
    // Without progress there is nothing to show.
    if (progress === undefined || request.query['replayed'] === undefined) {
      response.redirect(303, paths.deadLetters);
      return;
    }
    const { title } = localeOf(response).texts.desk.letters.replaying;
    const isDone = progress.rest === undefined && progress.stopped === undefined;
    const { stopped: _stopped, ...fields } = progressFields(progress);
    response.render('dead-letter-replays', { title, progress, fields, isDone });
  });

  router.post(paths.deadLetterReplays, async (request, response) => {
    const before = readProgress(request.body ?? {});
    if (before === undefined) throw new AppError('invalid-form');
    const { reason, from, before: until, rest } = before;
    const query = { reason, from, before: until, cursor: rest };
    const done = await desk.replayWaiting({ operator: operatorOf(response) }, query).catch(
      // Nothing is lost: the page says that it stopped, and continues from here.
      (thrown: unknown) => {
        if (thrown instanceof AppError && thrown.status === 503) return undefined;
        throw thrown;
      },
    );
    const progress = done === undefined ? { ...before, stopped: 'true' as const } : addReplays(before, done);
    response.redirect(303, deadLetterReplaysPath(progressFields(progress)));
  });

  router.get(paths.deadLetter, async (request, response) => {
    const { texts } = localeOf(response);
    const letter = await desk.deadLetter(callerOf(response), idOf(request));
    response.render('dead-letter', { title: texts.desk.letters.title, ...viewLetter(letter, texts) });
  });

  router.get(paths.deadLetterContent, async (request, response) => {
    const letter = await desk.deadLetter(callerOf(response), idOf(request));
    const extension = letter.text === undefined ? 'bin' : 'txt';
    response.attachment(`dead-letter-${letter.id}.${extension}`);
    response.type('application/octet-stream').send(Buffer.from(letter.base64, 'base64'));
  });

  router.post(paths.deadLetterReplay, async (request, response) => {
    const id = idOf(request);
    await desk.replay({ operator: operatorOf(response) }, id);
    response.redirect(303, deadLetterPath(id));
  });

  router.get(paths.deadLetterDiscard, async (request, response) => {
    const letter = await desk.deadLetter(callerOf(response), idOf(request));
    renderDiscard(response, letter, '', []);
  });

  router.post(paths.deadLetterDiscard, async (request, response) => {
    const id = idOf(request);
    const typed = readForm(discardForm, request.body ?? {}).reason;
    const reason = discardReasonSchema.safeParse(typed);
    if (reason.success) {
      await desk.discard({ operator: operatorOf(response) }, id, reason.data);
      response.redirect(303, deadLetterPath(id));
      return;
    }
    const { letters } = localeOf(response).texts.desk;
    const message = letters.discardNoReason(discardReasonLengthMax);
    const letter = await desk.deadLetter(callerOf(response), id);
    renderDiscard(response.status(400), letter, typed, [{ field: 'reason', message }]);
  });

  return router;
}

function renderDiscard(
  response: Response,
  letter: DeadLetterDetails,
  reason: string,
  errors: readonly FieldError[],
): void {
  const { texts } = localeOf(response);
  const { discardTitle: title } = texts.desk.letters;
  const action = deadLetterDiscardPath(letter.id);
  response.render('discard-dead-letter', { title, action, reason, errors, ...viewRow(letter, texts) });
}
