/** What commands end with, besides 0 and 1. */
export const exitCodes = {
  /** sysexits.h: the command was used incorrectly. */
  usageError: 64,
  /** 128 + SIGINT, as shells report it. */
  interrupted: 130,
} as const;
