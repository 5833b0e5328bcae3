import { AppError } from '@unity-purchase/service-kit';
import { Router, type Response } from 'express';
import { basketOf } from '../basket/basket-cookie.js';
import { localeOf } from '../middleware/page-locale.js';
import type { OperatorPasses } from '../operators/operator-passes.js';
import { readShopper, readSignInForm } from '../pages/sign-in-form.js';
import { localPath, paths } from '../paths.js';
import { sessionOf } from '../sessions/session.js';
import { demoMethod, type SignInMethod } from '../sessions/sign-in-method.js';
import type { AttemptCookie } from '../sign-in/attempt-cookie.js';
import type { OpenIdSignIn } from '../sign-in/openid-sign-in.js';

/** The available sign-in methods, at least one. */
export type SignInWays = {
  /** Shoppers can sign in with any name and no password. */
  demo: boolean;
  openId: { signIn: OpenIdSignIn; attempts: AttemptCookie; method: SignInMethod } | undefined;
};

export type SignInDependencies = { ways: SignInWays; operatorPasses: OperatorPasses | undefined };

/** Signing in, with the available methods, and signing out. */
export function signInRouter({ ways, operatorPasses }: SignInDependencies): Router {
  const router = Router();
  const { demo, openId } = ways;
  const render = (response: Response, page: object) => {
    response.render('sign-in', {
      title: localeOf(response).texts.signIn.title,
      ways: { demo, openId: openId !== undefined },
      values: { id: '', name: '' },
      errors: [],
      ...page,
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
      await sessionOf(response).signIn(result.shopper, demoMethod);
      await basketOf(response).giveTo(result.shopper);
      response.redirect(303, returnTo);
    });

  if (openId !== undefined) {
    const { signIn, attempts, method } = openId;

    router.get(paths.signInStart, async (request, response) => {
      const { url, attempt } = await signIn.begin(localPath(request.query['returnTo']));
      await attempts.save(response, attempt);
      response.redirect(303, url.href);
    });

    router.get(paths.signInCallback, async (request, response) => {
      const attempt = await attempts.take(request, response);
      if (attempt === undefined) throw new AppError('sign-in-failed');
      const { shopper, isOperator } = await signIn.finish(request.originalUrl, attempt);
      await sessionOf(response).signIn(shopper, method);
      await basketOf(response).giveTo(shopper);
      if (isOperator && operatorPasses !== undefined)
        await sessionOf(response).admitOperator(operatorPasses.openByRole(shopper.id));
      response.redirect(303, attempt.returnTo);
    });
  }

  router.post(paths.signOut, (_request, response) => {
    sessionOf(response).signOut();
    basketOf(response).forget();
    response.redirect(303, paths.signedOut);
  });

  // A page with a link, because the content security policy forbids forms to redirect to another site such as the issuer.
  router.get(paths.signedOut, async (_request, response) => {
    const url = await openId?.signIn.signOutUrl().catch(() => undefined);
    response.render('signed-out', {
      title: localeOf(response).texts.signedOut.title,
      signOutUrl: url?.href,
    });
  });

  return router;
}
