/**
 * The command line for a program that refuses to run as root. As root, runs it in a user namespace with another user id; its files
 * still belong to root. The program keeps its process id.
 */
export function asUnprivileged(command: readonly [string, ...string[]]): [string, ...string[]] {
  if (process.getuid?.() !== 0) return [...command];
  return ['unshare', '--user', '--map-user=1000', '--map-group=1000', ...command];
}
