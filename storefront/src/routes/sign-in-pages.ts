import { Router } from 'express';
import { localPath, readSignInForm, readShopper } from '../pages/sign-in-form.js';
import { paths } from '../paths.js';
import { sessionOf } from '../sessions/session.js';

/** Demo sign-in: whoever says who they are is believed. */
export function signInRouter(): Router {
  const router = Router();
  router.get(paths.signIn, (request, response) => {
    const returnTo = localPath(request.query['returnTo']);
    response.render('sign-in', { title: 'Sign in', values: { id: '', name: '' }, returnTo, errors: [] });
  });
  router.post(paths.signIn, async (request, response) => {
    const { values, returnTo } = readSignInForm(request.body);
    const result = readShopper(values);
    if ('errors' in result) {
      response.status(400).render('sign-in', { title: 'Sign in', values, returnTo, errors: result.errors });
      return;
    }
    await sessionOf(response).signIn(result.shopper);
    response.redirect(303, returnTo);
  });
  router.post(paths.signOut, (_request, response) => {
    sessionOf(response).signOut();
    response.redirect(303, paths.catalogue);
  });
  return router;
}
