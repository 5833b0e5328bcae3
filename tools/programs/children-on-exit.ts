/** The running child processes, as process groups or single processes. */
const alive = new Map<number, 'group' | 'process'>();
let isExitHandled = false;

/**
 * Kills a child process when this process exits, unless SIGKILL ends it. Returns a function that undoes this. Call it when the
 * child has ended.
 */
export function killOnExit(pid: number, kind: 'group' | 'process'): () => void {
  if (!isExitHandled) {
    isExitHandled = true;
    process.on('exit', killAll);
  }
  alive.set(pid, kind);
  return () => alive.delete(pid);
}

/**
 * Sends a signal to a process group, or only to the process on Windows, which has no groups. Returns whether the signal was
 * delivered.
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  return signalProcess(process.platform === 'win32' ? pid : -pid, signal);
}

function killAll(): void {
  for (const [pid, kind] of alive) {
    if (kind === 'group') signalGroup(pid, 'SIGKILL');
    else signalProcess(pid, 'SIGKILL');
  }
}

/** Sends a signal to a process. Returns whether the signal was delivered. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // The process has ended.
    return false;
  }
}
