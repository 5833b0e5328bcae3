import { isUtf8 } from 'node:buffer';

/**
 * The deepest nesting of JSON that other people sent. Functions that visit a value by calling themselves, such as
 * `JSON.stringify`, run out of stack at some thousand levels. No event and no request of ours has more than ten.
 */
export const jsonDepthMax = 64;

/** JSON that someone else sent, or the reason why it cannot be read. */
export type ForeignJson = { value: unknown } | { unreadable: string };

/** Parses JSON that someone else sent. It is safe to pass the value to functions that call themselves. */
export function readForeignJson(bytes: Buffer): ForeignJson {
  if (!isUtf8(bytes)) return { unreadable: 'not UTF-8' };
  if (isNestedTooDeeply(bytes)) return { unreadable: 'nested too deeply' };
  try {
    return { value: JSON.parse(bytes.toString()) as unknown };
  } catch {
    return { unreadable: 'not JSON' };
  }
}

const quote = 0x22;
const backslash = 0x5c;
const openings = new Set([0x5b, 0x7b]);
const closings = new Set([0x5d, 0x7d]);

/** Whether UTF-8 text opens more than `jsonDepthMax` brackets or braces at once. It counts them outside of strings. */
export function isNestedTooDeeply(text: Buffer): boolean {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const byte = text[index] ?? 0;
    if (byte === quote) index = endOfString(text, index);
    else if (openings.has(byte)) {
      depth += 1;
      if (depth > jsonDepthMax) return true;
    } else if (closings.has(byte)) depth -= 1;
  }
  return false;
}

/**
 * The strings in JSON, keys included, of at most `lengthMax` UTF-16 code units. It reads them from the text in one pass,
 * however deeply the JSON is nested and even if its end is missing.
 */
export function* jsonStringsIn(text: Buffer, lengthMax: number): Generator<string> {
  // A code unit takes six bytes at most: \uXXXX.
  const bytesMax = lengthMax * 6 + 2;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] !== quote) continue;
    const end = endOfString(text, index);
    if (end < text.length && end - index < bytesMax) {
      const value = parsedString(text.toString('utf8', index, end + 1));
      if (value !== undefined && value.length <= lengthMax) yield value;
    }
    index = end;
  }
}

/** The index of the quote that ends the string at an index, or the end of the text. */
function endOfString(text: Buffer, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === backslash) index += 1;
    else if (text[index] === quote) return index;
  }
  return text.length;
}

function parsedString(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
