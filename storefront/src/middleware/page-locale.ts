import type { Request, RequestHandler, Response } from 'express';
import { formatsOf, type Formats } from '../texts/formats.js';
import { chooseLocale, isLanguage, languages, type LanguageCode, type Texts } from '../texts/languages.js';

/** Where a browser keeps the language that somebody chose; it is no secret. */
export const languageCookie = 'language';

/** How the answer to a request speaks. */
export type PageLocale = { language: LanguageCode; texts: Texts; formats: Formats };

/** Finds out in which language to answer: the one that was chosen, or the one that the browser likes best. */
export const pageLocale: RequestHandler = function readLocale(request, response, next) {
  const { language, tag } = chooseLocale(request.acceptsLanguages(), chosenLanguage(request));
  const { texts } = languages[language];
  const formats = formatsOf(tag);
  const locale: PageLocale = { language, texts, formats };
  response.locals['locale'] = locale;
  // What every view calls them.
  Object.assign(response.locals, { language, t: texts, formats });
  response.set('Content-Language', language);
  response.vary('Accept-Language');
  next();
};

/** The locale of the request being answered. */
export function localeOf(response: Response): PageLocale {
  return response.locals['locale'] as PageLocale;
}

const chosenPattern = new RegExp(`(?:^|;\\s*)${languageCookie}=([a-z]{2})(?:;|$)`);

function chosenLanguage(request: Request): LanguageCode | undefined {
  const [, code] = chosenPattern.exec(request.headers.cookie ?? '') ?? [];
  return isLanguage(code) ? code : undefined;
}
