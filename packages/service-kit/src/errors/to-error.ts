/**
 * Turns any thrown value into an Error. Errors of other realms (a timeout's DOMException, errors of Node's modules inside Jest)
 * are not `instanceof Error` and are recognised by their `message`.
 */
export function toError(thrown: unknown): Error & { code?: string } {
  if (thrown instanceof Error) return thrown;
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
    const { name, message, code, stack } = thrown as Record<string, unknown>;
    const error: Error & { code?: string } = new Error(String(message));
    if (typeof name === 'string') error.name = name;
    if (typeof code === 'string') error.code = code;
    if (typeof stack === 'string') error.stack = stack;
    return error;
  }
  return new Error(`thrown: ${typeof thrown === 'string' ? thrown : typeof thrown}`);
}
