import { auditKinds, shopperIdSchema } from '@unity-purchase/contracts';
import { AppError } from '@unity-purchase/service-kit';
import { Router, type Response } from 'express';
import { z } from 'zod';
import { localeOf } from '../middleware/page-locale.js';
import { limitRate } from '../middleware/rate-limit.js';
import { requireOperator } from '../middleware/require-operator.js';
import type { Desk } from '../operators/desk.js';
import type { OperatorPasses } from '../operators/operator-passes.js';
import { viewAudit } from '../pages/audit-view.js';
import { searchDesk } from '../operators/search-desk.js';
import { readDeskSearch } from '../pages/desk-search.js';
import { readPurchaseSearch } from '../pages/purchase-search.js';
import { readForm } from '../pages/read-form.js';
import { localPath, paths } from '../paths.js';
import { sessionOf } from '../sessions/session.js';
import { deadLetterPagesRouter } from './dead-letter-pages.js';
import { callerOf } from './desk-caller.js';
import { cursorParameter, purchaseIdParameter } from './parameters.js';

/** Enough for an operator who mistypes the token, and too few to guess it. */
const signInsPerMinuteMax = 10;

const signInForm = z.strictObject({ token: z.string(), returnTo: z.string().optional() });

/** The kind of entries to show. Decisions are few, and what people look for. */
const auditKindSchema = z.enum(auditKinds).catch('decisions');

export type DeskDependencies = {
  passes: OperatorPasses;
  desk: Desk;
  /** Whether this is a demo, in which the sign-in page says where the token comes from. */
  demo: boolean;
};

/** The operator desk: all purchases, dead letters and the audit log. For its first page, see `desk-overview-pages.ts`. */
export function operatorPagesRouter({ passes, desk, demo }: DeskDependencies): Router {
  const router = Router();

  const renderSignIn = (
    response: Response,
    returnTo: string,
    errors: { field: string; message: string }[],
  ) => {
    const { title } = localeOf(response).texts.desk.signIn;
    response.render('operator-sign-in', { title, byToken: passes.byToken, demo, returnTo, errors });
  };

  router.get(paths.operatorSignIn, (request, response) => {
    renderSignIn(response, returnPath(request.query['returnTo']), []);
  });

  router.post(paths.operatorSignIn, limitRate(signInsPerMinuteMax), async (request, response) => {
    const form = readForm(signInForm, request.body);
    const returnTo = returnPath(form.returnTo);
    const pass = passes.open(form.token, sessionOf(response).shopper?.id);
    if (pass === undefined) {
      const message = localeOf(response).texts.desk.signIn.wrong;
      renderSignIn(response.status(403), returnTo, [{ field: 'token', message }]);
      return;
    }
    await sessionOf(response).admitOperator(pass);
    response.redirect(303, returnTo);
  });

  router.use(paths.operators, requireOperator(passes));

  router.get(paths.allPurchases, async (request, response) => {
    const { texts } = localeOf(response);
    const { values, query, errors } = readPurchaseSearch(request.query, texts);
    const cursor = cursorParameter(request);
    const page =
      errors.length > 0
        ? undefined
        : await desk.purchases(callerOf(response), { ...query, cursor }).catch((thrown: unknown) => {
            if (!(thrown instanceof AppError) || thrown.code !== 'shopper-wanted') throw thrown;
            errors.push({ field: 'shopper', message: texts.desk.shopperRequired });
            return undefined;
          });
    response.status(errors.length > 0 ? 400 : 200);
    response.render('all-purchases', {
      title: texts.desk.purchases,
      page,
      values,
      errors,
      isFirst: cursor === undefined,
      isSearch: Object.keys(query).length > 0,
    });
  });

  router.get(paths.recordedPurchase, async (request, response) => {
    const purchaseId = purchaseIdParameter(request);
    const shopper = shopperIdSchema.safeParse(request.query['shopper']);
    if (!shopper.success)
      throw new AppError('purchase-not-found', { detail: 'The address does not name a shopper.' });
    const details = await desk.purchase(callerOf(response), shopper.data, purchaseId);
    response.render('recorded-purchase', { title: localeOf(response).texts.desk.purchase, ...details });
  });

  router.get(paths.deskSearch, async (request, response) => {
    const { texts } = localeOf(response);
    const { text, errors } = readDeskSearch(request.query['q'], texts);
    const cursor = cursorParameter(request);
    const isSearch = text !== '' && errors.length === 0;
    const found = isSearch ? await searchDesk(desk, callerOf(response), text, cursor) : undefined;
    if (found?.address !== undefined) {
      response.redirect(303, found.address);
      return;
    }
    response.status(errors.length > 0 ? 400 : 200).render('desk-search', {
      title: texts.desk.search.title,
      searchText: text,
      errors,
      found,
      isContinued: cursor !== undefined,
    });
  });

  router.get(paths.auditLog, async (request, response) => {
    const cursor = cursorParameter(request);
    const kind = auditKindSchema.parse(request.query['kind']);
    const { entries, next } = await desk.auditLog(callerOf(response), { kind, cursor });
    const { texts } = localeOf(response);
    response.render('audit-log', {
      title: texts.desk.auditLog,
      kinds: auditKinds,
      kind,
      rows: viewAudit(entries, texts),
      next,
      isFirst: cursor === undefined,
    });
  });

  router.use(deadLetterPagesRouter(desk));
  return router;
}

/** The page to return to: a page of the desk, or its first page. */
function returnPath(returnTo: unknown): string {
  const path = localPath(returnTo);
  return path.startsWith(`${paths.operators}/`) ? path : paths.operators;
}
