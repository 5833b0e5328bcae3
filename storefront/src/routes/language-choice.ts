import { Router } from 'express';
import { z } from 'zod';
import { languageCookie } from '../middleware/page-locale.js';
import { invalidForm, readForm } from '../pages/read-form.js';
import { localPath, paths } from '../paths.js';
import { isLanguage } from '../texts/languages.js';

const formSchema = z.strictObject({ language: z.string(), returnTo: z.string().optional() });
const yearMs = 365 * 24 * 60 * 60 * 1_000;

/** Stores the language that the shopper chose. It takes precedence over the browser's. */
export function languageChoiceRouter({ secure }: { secure: boolean }): Router {
  return Router().post(paths.language, (request, response) => {
    const form = readForm(formSchema, request.body);
    if (!isLanguage(form.language)) throw invalidForm();
    response.cookie(languageCookie, form.language, {
      maxAge: yearMs,
      httpOnly: true,
      sameSite: 'lax',
      secure,
    });
    response.redirect(303, localPath(form.returnTo));
  });
}
