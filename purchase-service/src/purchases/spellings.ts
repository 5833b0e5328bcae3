/** A text in lower case and without marks: with umlauts as plain letters, and spelled out. */
export type Spellings = { plain: string; spelledOut: string };

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

/** How umlauts and their relatives are written without marks. */
const umlauts: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' };

/** Both spellings of a text, for comparisons: "kuche" and "kueche" are each one of those of "Küche". */
export function spellingsOf(text: string): Spellings {
  const lower = text.normalize('NFC').toLowerCase();
  return {
    plain: withoutMarks(lower),
    spelledOut: withoutMarks(lower.replace(/[äöüåø]/g, (letter) => umlauts[letter] ?? letter)),
  };
}

function withoutMarks(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[ßæœøđłıþ]/g, (letter) => typedAs[letter] ?? letter);
}
