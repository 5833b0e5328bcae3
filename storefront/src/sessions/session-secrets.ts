/** The secrets for sessions and acceptance proofs. The newest, which is first, seals; all of them open. */
export type SessionSecrets = readonly [newest: string, ...older: string[]];

/** The minimum of @hapi/iron, which derives its keys from them. */
const secretLengthMin = 32;

/**
 * Reads the session secret: one secret, or several separated by white space, the newest first. To change the secret, add a new
 * one before the old one. Remove the old one after the longest session has expired.
 *
 * @throws RangeError if there is no secret, or one of them is too short
 */
export function readSessionSecrets(text: string): SessionSecrets {
  const [newest = '', ...older] = text.trim().split(/\s+/);
  if ([newest, ...older].some(({ length }) => length < secretLengthMin))
    throw new RangeError(`the session secret must have at least ${secretLengthMin} characters`);
  return [newest, ...older];
}
