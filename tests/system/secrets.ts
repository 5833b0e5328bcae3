/** How much of its surroundings is told with a secret. */
const shownBefore = 300;
const shownAfter = 100;

const secrets = new Map<string, string>();

/** Says that a text must not stand in any log: an id or a name of a shopper, an amount, a cookie, a token. */
export function keepSecret(what: string, text: string): void {
  secrets.set(text, what);
}

/**
 * What stands in a text of all that was said to be secret, as it is or as URLs, forms and JSON write it; one entry for each,
 * with what stands around it.
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

/** A number is not looked for within another, nor in the fraction of a second: it stands there by chance. */
function placeOf(form: string, text: string): number {
  if (!/^[\d.,]+$/.test(form)) return text.indexOf(form);
  return text.search(new RegExp(`(?<![\\w.])${form.replaceAll('.', '\\.')}(?!\\w)`));
}

function formsOf(secret: string): string[] {
  // An unpaired surrogate cannot be encoded, and comes as a replacement character.
  const wellFormed = Buffer.from(secret).toString();
  return [
    wellFormed,
    encodeURIComponent(wellFormed),
    new URLSearchParams({ '': wellFormed }).toString().slice(1),
    JSON.stringify(wellFormed).slice(1, -1),
  ];
}
