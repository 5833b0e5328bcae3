import { english } from './english.js';
import { german } from './german.js';

/** What every language says. */
export type Texts = typeof english;

/** The languages of the shop, by their codes (BCP 47), each in its own name. */
export const languages = {
  en: { name: 'English', texts: english },
  de: { name: 'Deutsch', texts: german },
} as const satisfies Record<string, { name: string; texts: Texts }>;

export type LanguageCode = keyof typeof languages;

/** What is spoken to those who speak none of them. */
const defaultLanguage: LanguageCode = 'en';

export function isLanguage(code: unknown): code is LanguageCode {
  return typeof code === 'string' && Object.hasOwn(languages, code);
}

/** A language, and how amounts and dates are written where it is read: `de-AT` is German as Austria writes it. */
export type Locale = { language: LanguageCode; tag: string };

/** No other tags become locales: a client could name any number of them, and each is remembered. */
const tagPattern = /^([a-z]{2})(?:-([A-Z]{2}))?$/;

/**
 * The locale to answer with: of the tags that a browser names, the one it likes best in a language that the shop speaks;
 * of a language that was chosen, the one it likes best in that language.
 */
export function chooseLocale(accepted: readonly string[], chosen: LanguageCode | undefined): Locale {
  for (const tag of accepted) {
    const [, language] = tagPattern.exec(tag) ?? [];
    if (isLanguage(language) && (chosen === undefined || language === chosen)) return { language, tag };
  }
  const language = chosen ?? defaultLanguage;
  return { language, tag: language };
}
