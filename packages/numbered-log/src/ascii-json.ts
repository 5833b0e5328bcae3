const notPrintableAscii = /[^\x20-\x7e]/g;

/**
 * A value as JSON of printable ASCII characters alone. Dapr's MongoDB store over HTTP returns control characters and some
 * emoji as invalid JSON, merges objects into what is there and evaluates strings that begin with `$`; one string of
 * plain characters that begins with a brace passes through every store unchanged.
 */
export function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    notPrintableAscii,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
