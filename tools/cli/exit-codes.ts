/** What commands end with, besides 0. */
export const exitCodes = {
  failed: 1,
  /** sysexits.h: the command was used incorrectly. */
  usageError: 64,
  /** sysexits.h: something that is needed is not to be had here. */
  unavailable: 69,
  /** 128 + SIGINT, as shells report it. */
  interrupted: 130,
} as const;
