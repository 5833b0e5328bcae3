import { spawnSync } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Ends everything that the tests started when somebody interrupts them. Tests see a copy of `process` whose signals and
 * exit are never heard (jest-util createProcessObject), so what they start could not do it; this runs before them, outside.
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

/** Those that lead a group, as all processes of a system do, with the whole group. */
function end(pid) {
  for (const target of [-pid, pid])
    try {
      process.kill(target, 'SIGKILL');
    } catch {
      // It leads no group, or has ended.
    }
}
