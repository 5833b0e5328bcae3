import { readForeignJson } from '@unity-purchase/service-kit';

/** Indentation can make deeply nested JSON a hundred times as long. Beyond this length it is shown as it is. */
const lengthMax = 512 * 1024;

const indent = '  ';

/**
 * JSON with a line for each value. Only spaces and line breaks between the tokens change: numbers, escapes and repeated keys stay as
 * they were sent. Undefined if the text is not JSON, or would become too long.
 */
export function formatJson(text: string): string | undefined {
  if ('unreadable' in readForeignJson(Buffer.from(text))) return undefined;
  const pieces: string[] = [];
  let length = 0;
  let depth = 0;
  const line = () => `\n${indent.repeat(depth)}`;
  for (const token of tokensOf(text)) {
    const before = pieces.at(-1);
    const isOpening = before === '{' || before === '[';
    const isClosing = token === '}' || token === ']';
    if (isClosing) depth -= 1;
    const isEmpty = isClosing && isOpening;
    const startsLine = (isOpening || before === ',' || isClosing) && !isEmpty;
    const space = startsLine ? line() : before === ':' ? ' ' : '';
    length += space.length + token.length;
    if (length > lengthMax) return undefined;
    if (space !== '') pieces.push(space);
    pieces.push(token);
    if (token === '{' || token === '[') depth += 1;
  }
  return pieces.join('');
}

/** The tokens of valid JSON. */
function* tokensOf(text: string): Generator<string> {
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) yield token;
}
