import { projectRoot } from '../project-root.js';
import { runInForeground } from '../programs/run-in-foreground.js';

/** Runs a script of the project in TypeScript, from source, and resolves to its exit code. */
export async function runScript(script: string, args: readonly string[]): Promise<number> {
  const loader = ['--import', 'tsx', '--conditions=@unity-purchase/source'];
  return runInForeground(process.execPath, [...loader, script, ...args], { cwd: projectRoot });
}
