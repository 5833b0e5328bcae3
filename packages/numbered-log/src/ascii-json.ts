const notPrintableAscii = /[^\x20-\x7e]/g;

/**
 * Encodes an object as JSON that consists of printable ASCII characters only. Some stores change anything else: control
 * characters and emoji come back as invalid JSON, and strings that begin with `$` are evaluated. A string of plain
 * characters that begins with a brace passes through every store unchanged.
 */
export function asciiJson(value: object): string {
  return JSON.stringify(value).replace(
    notPrintableAscii,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
