/**
 * The message of an error, followed by that of its cause unless the message contains it. Does not use `instanceof`, because
 * inside Jest, errors of Node belong to another realm.
 */
export function errorText(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  const message = String(error.message);
  if (!('cause' in error) || error.cause === undefined) return message;
  const cause = errorText(error.cause);
  return message.includes(cause) ? message : `${message}: ${cause}`;
}

/** The code of a system error (`ENOENT`, `EADDRINUSE`), or undefined. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
