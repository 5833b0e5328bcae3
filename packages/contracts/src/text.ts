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
