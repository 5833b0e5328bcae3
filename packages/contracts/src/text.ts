import { z } from 'zod';

/** Unicode's control characters, which no id needs and which break logs, headers and terminals. */
const controlCharacter = /\p{Cc}/u;

/** Half of a surrogate pair: it cannot be stored as UTF-8, and would come back as another character. */
const loneSurrogate = /\p{Cs}/u;

/** Text that a person chose, of 1 to `max` UTF-16 units. It may hold anything that can be stored and shown again. */
export const text = (max: number) =>
  z
    .string()
    .min(1, { error: 'must not be empty' })
    .max(max, { error: `must be at most ${max} characters long` })
    .refine((value) => !loneSurrogate.test(value), { error: 'must be well-formed Unicode' });

/** Text without control characters: one line, as a field of a form holds it. */
export const lineOfText = (max: number) =>
  text(max).refine((value) => !controlCharacter.test(value), {
    error: 'must not contain control characters',
  });
