import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Ends every process that the tests started when the run is interrupted. Tests get a copy of `process` that receives neither
 * signals nor exit (jest-util createProcessObject), so this runs before them, outside their environment.
 */
export default function endChildrenOnInterrupt() {
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => {
      for (const child of childrenOf(process.pid)) end(child);
      process.exit(128 + constants.signals[signal]);
    });
}

function childrenOf(pid) {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([child, parent]) => (parent === pid ? [child] : []));
}

/** Ends a process, with its whole group if it leads one, as all processes of a system do. */
function end(pid) {
  for (const target of [-pid, pid])
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It leads no group or has ended.
    }
}
