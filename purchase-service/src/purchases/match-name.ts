import { spellingsOf } from './spellings.js';

const wordPart = /[\p{L}\p{N}]+/gu;

/**
 * Returns whether a name has, for each word of what was typed, a word that begins with it. Upper and lower case, accents and umlauts do
 * not matter: "muell", "Müll" and "mull" all find "Ana Müller". If nothing was typed that is part of a word, no name matches.
 */
export function nameMatcher(typed: string): (name: string) => boolean {
  const searched = [...new Set(foldings(typed).map((words) => words.join(' ')))].map((words) =>
    words.split(' '),
  );
  if (searched.some(([first]) => first === undefined || first === '')) return () => false;
  return (name) => {
    const words = foldings(name).flat();
    return searched.some((each) => each.every((start) => words.some((word) => word.startsWith(start))));
  };
}

/** The words of a text as they are compared, in each spelling. */
function foldings(text: string): string[][] {
  return Object.values(spellingsOf(text)).map((each) => each.match(wordPart) ?? []);
}
