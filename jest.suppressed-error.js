/**
 * What `await using` throws where a test fails and then its cleaning up fails as well. @swc/core 1.16.18 declares it under one
 * name and uses it under this one, which leaves the rest uncleaned, and Jest waiting for it for ever.
 */
globalThis._SuppressedError = class SuppressedError extends Error {
  constructor(error, suppressed) {
    super(`${suppressed}\nand then, cleaning up: ${error}`, { cause: suppressed });
  }
};
