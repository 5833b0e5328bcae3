const secrets = new Map<string, string>();

/** Says that a text must not stand in any log: an id or a name of a shopper, an amount, a cookie, a token. */
export function keepSecret(what: string, text: string): void {
  secrets.set(text, what);
}

/**
 * What stands in a text of all that was said to be secret, as it is or as URLs, forms and JSON write it; one line for each,
 * with the line that it stands in.
 */
export function secretsIn(text: string): string[] {
  return [...secrets].flatMap(([secret, what]) => {
    const at = formsOf(secret)
      .map((form) => placeOf(form, text))
      .find((place) => place !== -1);
    if (at === undefined) return [];
    return [
      `${what}: ${text
        .slice(text.lastIndexOf('\n', at) + 1)
        .split('\n', 1)
        .join('')}`,
    ];
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
