/**
 * What went wrong, for a person: the message, and that of the cause behind it (`fetch failed` alone says nothing), unless
 * it says the same again. Reads structurally, because errors of Node itself are of another realm inside Jest and fail
 * `instanceof`.
 */
export function errorText(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  const message = String(error.message);
  if (!('cause' in error) || error.cause === undefined) return message;
  const cause = errorText(error.cause);
  return message.includes(cause) ? message : `${message}: ${cause}`;
}

/** The code of a system error (`ENOENT`, `EADDRINUSE`), where there is one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
