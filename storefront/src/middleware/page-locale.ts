import type { Request, RequestHandler, Response } from 'express';
import { cookieOf } from '../sessions/read-cookie.js';
import { formatsOf, type Formats } from '../texts/formats.js';
import { chooseLocale, isLanguage, languages, type LanguageCode, type Texts } from '../texts/languages.js';

/** The cookie with the language that the shopper chose. It is not confidential. */
export const languageCookie = 'language';

/** The language, texts and formats of a response. */
export type PageLocale = { language: LanguageCode; texts: Texts; formats: Formats };

/** Determines the language of the response: the one the shopper chose, or the one the browser prefers. */
export const pageLocale: RequestHandler = function readLocale(request, response, next) {
  const { language, tag } = chooseLocale(request.acceptsLanguages(), chosenLanguage(request));
  const { texts } = languages[language];
  const formats = formatsOf(tag);
  const locale: PageLocale = { language, texts, formats };
  response.locals['locale'] = locale;
  // The names that views use.
  Object.assign(response.locals, { language, t: texts, formats });
  response.set('Content-Language', language);
  response.vary('Accept-Language');
  next();
};

/** The locale of the current request. */
export function localeOf(response: Response): PageLocale {
  return response.locals['locale'] as PageLocale;
}

function chosenLanguage(request: Request): LanguageCode | undefined {
  const code = cookieOf(request, languageCookie);
  return isLanguage(code) ? code : undefined;
}
