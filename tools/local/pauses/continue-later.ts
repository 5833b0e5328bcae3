import { spawn } from 'node:child_process';

/** The seconds, then the processes. Without a shell of its own, nothing would continue them after the runner was killed. */
const script = 'sleep "$1"; shift; kill -s CONT -- "$@"';

/**
 * Continues stopped processes after some time, also if this process is killed meanwhile. Negative ids are process groups. Returns a
 * function that cancels this.
 */
export function continueLater(targets: readonly number[], afterMs: number): () => void {
  const child = spawn('sh', ['-c', script, 'sh', String(afterMs / 1_000), ...targets.map(String)], {
    detached: true,
    stdio: 'ignore',
  });
  // Without a shell, the runner's own timer remains.
  child.on('error', () => undefined);
  child.unref();
  return () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has done its work.
    }
  };
}
