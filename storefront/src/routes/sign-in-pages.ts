import { AppError } from '@unity-purchase/service-kit';
import { Router, type Response } from 'express';
import { basketOf } from '../basket/basket-cookie.js';
import { localeOf } from '../middleware/page-locale.js';
import type { OperatorPasses } from '../operators/operator-passes.js';
import { localPath, readShopper, readSignInForm } from '../pages/sign-in-form.js';
import { paths } from '../paths.js';
import { sessionOf } from '../sessions/session.js';
import type { AttemptCookie } from '../sign-in/attempt-cookie.js';
import type { OpenIdSignIn } from '../sign-in/openid-sign-in.js';

/** The ways to sign in that there are; one at least. */
export type SignInWays = {
  /** Whoever says who they are is believed. */
  demo: boolean;
  openId: { signIn: OpenIdSignIn; attempts: AttemptCookie } | undefined;
};

type Parts = { ways: SignInWays; operatorPasses: OperatorPasses | undefined };

/** Signing in, by whichever ways there are, and out. */
export function signInRouter({ ways, operatorPasses }: Parts): Router {
  const router = Router();
  const { demo, openId } = ways;
  const render = (response: Response, more: object) => {
    response.render('sign-in', {
      title: localeOf(response).texts.signIn.title,
      ways: { demo, openId: openId !== undefined },
      values: { id: '', name: '' },
      errors: [],
      ...more,
    });
  };

  router.get(paths.signIn, (request, response) => {
    render(response, { returnTo: localPath(request.query['returnTo']) });
  });

  if (demo)
    router.post(paths.signIn, async (request, response) => {
      const { values, returnTo } = readSignInForm(request.body);
      const result = readShopper(values, localeOf(response).texts);
      if ('errors' in result) {
        render(response.status(400), { values, returnTo, errors: result.errors });
        return;
      }
      await sessionOf(response).signIn(result.shopper);
      response.redirect(303, returnTo);
    });

  if (openId !== undefined) {
    const { signIn, attempts } = openId;

    router.get(paths.signInStart, async (request, response) => {
      const { url, attempt } = await signIn.begin(localPath(request.query['returnTo']));
      await attempts.save(request, response, attempt);
      response.redirect(303, url.href);
    });

    router.get(paths.signInCallback, async (request, response) => {
      const attempt = await attempts.take(request, response);
      if (attempt === undefined) throw new AppError('sign-in-failed');
      const { shopper, isOperator } = await signIn.finish(request.originalUrl, attempt);
      await sessionOf(response).signIn(shopper);
      if (isOperator && operatorPasses !== undefined)
        await sessionOf(response).admitOperator(operatorPasses.openByRole(shopper.id));
      response.redirect(303, attempt.returnTo);
    });
  }

  router.post(paths.signOut, (_request, response) => {
    sessionOf(response).signOut();
    basketOf(response).forget();
    response.redirect(303, openId === undefined ? paths.catalogue : paths.signedOut);
  });

  // A page, and not a redirect to the issuer: a form that led on to another site would be against the page's own policy.
  if (openId !== undefined)
    router.get(paths.signedOut, async (_request, response) => {
      const url = await openId.signIn.signOutUrl().catch(() => undefined);
      response.render('signed-out', {
        title: localeOf(response).texts.signedOut.title,
        signOutUrl: url?.href,
      });
    });

  return router;
}
