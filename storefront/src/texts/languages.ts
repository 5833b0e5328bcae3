import { english } from './english.js';
import { german } from './german.js';

/** The texts of one language. */
export type Texts = typeof english;

/** The languages of the shop by BCP 47 code, each with its name in that language. */
export const languages = {
  en: { name: 'English', texts: english },
  de: { name: 'Deutsch', texts: german },
} as const satisfies Record<string, { name: string; texts: Texts }>;

export type LanguageCode = keyof typeof languages;

/** For browsers that accept none of the languages. */
const defaultLanguage: LanguageCode = 'en';

export function isLanguage(code: unknown): code is LanguageCode {
  return typeof code === 'string' && Object.hasOwn(languages, code);
}

/** A language, and a tag that also determines formats: `de-AT` is German with Austrian amounts and dates. */
export type Locale = { language: LanguageCode; tag: string };

/** Only these tags are used: clients can send any number of tags, and the formats of each one are cached. */
const tagPattern = /^([a-z]{2})(?:-([A-Z]{2}))?$/;

/**
 * The locale of a response: the first tag that the browser accepts in a language of the shop. If the shopper chose a language,
 * the first accepted tag in that language, or else the language itself.
 */
export function chooseLocale(accepted: readonly string[], chosen: LanguageCode | undefined): Locale {
  for (const tag of accepted) {
    const [, language] = tagPattern.exec(tag) ?? [];
    if (isLanguage(language) && (chosen === undefined || language === chosen)) return { language, tag };
  }
  const language = chosen ?? defaultLanguage;
  return { language, tag: language };
}
