import { projectRoot } from '../project-root.js';
import { runInForeground } from '../programs/run-in-foreground.js';

/** Runs a TypeScript file of the project and resolves to its exit code. */
export async function runScript(script: string, args: readonly string[]): Promise<number> {
  const loader = ['--import', 'tsx', '--conditions=@unity-purchase/source'];
  return runInForeground(process.execPath, [...loader, script, ...args], { cwd: projectRoot });
}
