/** The exit codes of commands, besides 0. */
export const exitCodes = {
  failed: 1,
  /** sysexits.h: the command was used incorrectly. */
  usageError: 64,
  /** sysexits.h: this machine lacks something that the command requires. */
  unavailable: 69,
  /** 128 + SIGINT, as shells report it. */
  interrupted: 130,
} as const;
