/** Names that a store, a query language or a terminal might misinterpret. The shop accepts all of them. */
export const hostileNames = [
  '$where',
  '$$NOW',
  'a.b',
  '{"$gt":""}',
  "'; DROP TABLE state; --",
  '../../etc/passwd',
  'a||b',
  'a/b?c=d&e#f',
  '%00%0a',
  '<script>alert(1)</script>',
  '🙂 🏴󠁧󠁢󠁥󠁮󠁧󠁿 👩‍👩‍👧',
  'Zoë Ångström',
  'ﷺ مرحبا',
  '김철수',
  'he"l\\lo',
  '__proto__',
  'null',
] as const;

/** The shop's form refuses it now, but version 0.1.0 accepted it. */
export const nameOfSeveralLines = 'line\u2028and\u2029paragraph';

/** Names with control characters or several lines: valid in an event, refused by the shop's form. */
export const unprintableNames = [
  'a\u0000\u0001\u007f\u0085\u200b\n\r\t',
  '\u001b[31mred',
  nameOfSeveralLines,
] as const;

/** Texts that the shop refuses as a name, but a store must return unchanged. */
export const hostileTexts = [...hostileNames, nameOfSeveralLines, '\ud800 alone', '\r\n', ']]>'] as const;
