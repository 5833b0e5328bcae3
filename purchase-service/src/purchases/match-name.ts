const marks = /\p{M}/gu;
const wordPart = /[\p{L}\p{N}]+/gu;

/** Letters that are not a base letter with a mark, and how people type them. */
const typedAs: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  ı: 'i',
  þ: 'th',
};

/** How German umlauts and their relatives are written without marks. */
const umlauts: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' };

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

/** The words of a text as they are compared: without marks, and with umlauts as two letters. */
function foldings(text: string): string[][] {
  const lower = text.normalize('NFC').toLowerCase();
  const withTwoLetters = lower.replaceAll(/[äöüåø]/g, (letter) => umlauts[letter] ?? letter);
  return [lower, withTwoLetters].map((each) => {
    const folded = each
      .normalize('NFKD')
      .replaceAll(marks, '')
      .replaceAll(/[ßæœøđłıþ]/g, (letter) => typedAs[letter] ?? letter);
    return folded.match(wordPart) ?? [];
  });
}
