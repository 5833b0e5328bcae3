import { Router } from 'express';
import { z } from 'zod';
import { languageCookie } from '../middleware/page-locale.js';
import { invalidForm, readForm } from '../pages/read-form.js';
import { localPath } from '../pages/sign-in-form.js';
import { paths } from '../paths.js';
import { isLanguage } from '../texts/languages.js';

const sentSchema = z.strictObject({ language: z.string(), returnTo: z.string().optional() });
const yearMs = 365 * 24 * 60 * 60 * 1_000;

/** Another language than the browser asks for. */
export function languageChoiceRouter({ secure }: { secure: boolean }): Router {
  return Router().post(paths.language, (request, response) => {
    const sent = readForm(sentSchema, request.body);
    if (!isLanguage(sent.language)) throw invalidForm();
    response.cookie(languageCookie, sent.language, {
      maxAge: yearMs,
      httpOnly: true,
      sameSite: 'lax',
      secure,
    });
    response.redirect(303, localPath(sent.returnTo));
  });
}
