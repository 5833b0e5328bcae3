/**
 * The command line that runs a program which refuses to be root: as root, within a user namespace where it is somebody
 * else, while the files stay root's. The program keeps its process id.
 */
export function asUnprivileged(command: readonly [string, ...string[]]): [string, ...string[]] {
  if (process.getuid?.() !== 0) return [...command];
  return ['unshare', '--user', '--map-user=1000', '--map-group=1000', ...command];
}
