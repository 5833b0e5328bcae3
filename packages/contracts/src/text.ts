import { z } from 'zod';

/** Unicode control characters: no id needs them, and they break logs, headers and terminals. */
const controlCharacter = /\p{Cc}/u;

/** Half of a surrogate pair: it cannot be stored as UTF-8 and would be read as a different character. */
const loneSurrogate = /\p{Cs}/u;

/** Text that a person typed, of 1 to `max` UTF-16 code units: anything that can be stored and shown unchanged. */
export const text = (max: number) =>
  z
    .string()
    .min(1, { error: 'must not be empty' })
    .max(max, { error: `must be at most ${max} characters long` })
    .refine((value) => !loneSurrogate.test(value), { error: 'must be well-formed Unicode' });

/** A single line of text, as in a form field: text without control characters. */
export const lineOfText = (max: number) =>
  text(max).refine((value) => !controlCharacter.test(value), {
    error: 'must not contain control characters',
  });

/**
 * Characters that people cannot see and that no name needs: bidirectional controls, which reorder the text around them (UAX 9),
 * soft hyphens, and spaces and joiners without a width. Emoji and some scripts need the other joiners, so those stay.
 */
const unseen = /[\p{Bidi_Control}\u00ad\u200b\u2060\ufeff]/gu;

/** Every other character that shows nothing, with fillers that count as letters or symbols. */
const blank = /[\p{Default_Ignorable_Code_Point}\u2800]/gu;

const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Text as it is kept: composed (NFC), and without the characters that no one sees. Text that shows nothing becomes empty. */
function asSeen(value: string): string {
  const composed = value.normalize('NFC').replace(unseen, '').trim();
  return visible.test(composed.replace(blank, '')) ? composed : '';
}

/** Line and paragraph separators end a line, but are not control characters. */
const lineEnd = /[\p{Zl}\p{Zp}]/u;

/**
 * The rule for every line of text that enters the system and that people see: names, customer numbers, operators, titles. Two
 * entries that look the same are usually the same text, and nothing is accepted that looks empty. What was stored before this
 * rule, and ids from an OpenID issuer, are read with `lineOfText`, because they must stay exactly as they are.
 */
export const visibleLine = (max: number) =>
  z
    .string()
    .transform(asSeen)
    .pipe(
      lineOfText(max).refine((value) => !lineEnd.test(value), { error: 'must not contain line separators' }),
    );
