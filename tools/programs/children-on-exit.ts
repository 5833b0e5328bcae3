/** Processes started here that still run, as process groups or single processes. */
const alive = new Map<number, 'group' | 'process'>();
let hooked = false;

/**
 * Makes sure a child does not outlive this process, however it ends (short of SIGKILL): on exit what is still listed is
 * killed. Returns the function that takes the child off the list again, to be called when it has ended.
 */
export function killOnExit(pid: number, what: 'group' | 'process'): () => void {
  if (!hooked) {
    hooked = true;
    process.on('exit', killAll);
  }
  alive.set(pid, what);
  return () => alive.delete(pid);
}

/**
 * Sends a signal to a whole process group, or to the process alone where there are no groups (Windows). Returns whether
 * anybody was there to get it.
 */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  return signalProcess(process.platform === 'win32' ? pid : -pid, signal);
}

function killAll(): void {
  for (const [pid, what] of alive) {
    if (what === 'group') signalGroup(pid, 'SIGKILL');
    else signalProcess(pid, 'SIGKILL');
  }
}

/** Sends a signal to a process. Returns whether it was there to get it. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    // It ended in between.
    return false;
  }
}
