/** Characters of context reported with a leak. */
const shownBefore = 300;
const shownAfter = 100;

const secrets = new Map<string, string>();

/** Registers a text that no log may contain: a shopper's id or name, an amount, a cookie, a token. */
export function keepSecret(what: string, text: string): void {
  secrets.set(text, what);
}

/**
 * Finds registered secrets in a text: as they are, or encoded for URLs, forms and JSON. Returns one entry per secret, with its
 * context.
 */
export function secretsIn(text: string): string[] {
  return [...secrets].flatMap(([secret, what]) => {
    const at = formsOf(secret)
      .map((form) => placeOf(form, text))
      .find((place) => place !== -1);
    if (at === undefined) return [];
    return [`${what}: ${text.slice(Math.max(0, at - shownBefore), at + shownAfter)}`];
  });
}

/** Numbers inside other numbers or fractions of a second are coincidences. */
function placeOf(form: string, text: string): number {
  if (!/^[\d.,]+$/.test(form)) return text.indexOf(form);
  return text.search(new RegExp(`(?<![\\w.])${form.replaceAll('.', '\\.')}(?!\\w)`));
}

function formsOf(secret: string): string[] {
  // An unpaired surrogate cannot be encoded and becomes a replacement character.
  const wellFormed = Buffer.from(secret).toString();
  return [
    wellFormed,
    encodeURIComponent(wellFormed),
    new URLSearchParams({ '': wellFormed }).toString().slice(1),
    JSON.stringify(wellFormed).slice(1, -1),
  ];
}
