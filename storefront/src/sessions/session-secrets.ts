/** What seals sessions and proofs of acceptance, the newest first: that one seals, and each of them opens. */
export type SessionSecrets = readonly [newest: string, ...older: string[]];

/** iron-session needs this much to derive its keys from. */
const secretLengthMin = 32;

/**
 * Reads the session secret: one secret, or several with white space between, the newest first. To change it, put a new one
 * before the old one; when the longest session has ended, take the old one away.
 *
 * @throws RangeError if there is none, or one is too short to be safe
 */
export function readSessionSecrets(text: string): SessionSecrets {
  const [newest = '', ...older] = text.trim().split(/\s+/);
  if ([newest, ...older].some(({ length }) => length < secretLengthMin))
    throw new RangeError(`the session secret has less than ${secretLengthMin} characters`);
  return [newest, ...older];
}
