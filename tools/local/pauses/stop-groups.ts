import { signalProcess } from '../../programs/children-on-exit.js';
import type { SupervisedProcess } from '../runner/supervised-process.js';

/** Stops the groups of the processes that run, without ending them. Returns the groups' ids, which are negative. */
export function stopGroups(processes: readonly Pick<SupervisedProcess, 'pid'>[]): number[] {
  const groups = processes.flatMap(({ pid }) => (pid === undefined ? [] : [-pid]));
  return groups.filter((group) => signalProcess(group, 'SIGSTOP'));
}
