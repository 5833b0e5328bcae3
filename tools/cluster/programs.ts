import { runInForeground } from '../programs/run-in-foreground.js';
import { runProgram } from '../programs/run-program.js';
import { forwardPort, type ForwardPort } from './port-forward.js';

/** The programs that a cluster is created with. Tests pass others. */
export type Programs = {
  /** Runs a program and resolves to its standard output. Rejects as `runProgram` does. */
  read: (program: string, args: readonly string[]) => Promise<string>;
  /** Runs a program that prints its own progress. Rejects if it ends with another code than 0. */
  show: (program: string, args: readonly string[]) => Promise<void>;
  /** Forwards a port of the cluster, as `forwardPort` does. */
  forward: ForwardPort;
};

/** The programs on the PATH, in the folder `cwd`. */
export function programsIn(cwd: string): Programs {
  return {
    forward: (target) => forwardPort(target),
    read: (program, args) => runProgram(program, args, { cwd }),
    show: async (program, args) => {
      const code = await runInForeground(program, args, { cwd });
      if (code !== 0) throw new Error(`${[program, ...args].join(' ')} ended with code ${code}`);
    },
  };
}

/** @throws Error naming the first program that is not on the PATH */
export async function requirePrograms(
  { read }: Programs,
  versionArguments: Readonly<Record<string, string[]>>,
) {
  for (const [program, args] of Object.entries(versionArguments))
    await read(program, args).catch((cause: unknown) => {
      throw new Error(`${program} is not on the PATH, or does not work. Install it, then run this again.`, {
        cause,
      });
    });
}
