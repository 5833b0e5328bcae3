/** Names that a store, a query language or a terminal might take for more than a name. The shop accepts all of them. */
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
  'line\u2028and\u2029paragraph',
] as const;

/** Names that an event may hold and the shop's form refuses: control characters. */
export const unprintableNames = ['a\u0000\u0001\u007f\u0085\u200b\n\r\t', '\u001b[31mred'] as const;

/** What the shop would refuse as a name, but a store must give back all the same. */
export const hostileTexts = [...hostileNames, '\ud800 alone', '\r\n', ']]>'] as const;
