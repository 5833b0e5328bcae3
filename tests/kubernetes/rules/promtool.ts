import { join } from 'node:path';
import { debianProgram, prometheusPackages, runProgram } from '@unity-purchase/tools';

/** Enough for days of evaluations on a machine that does other things. */
const timeoutMs = 150_000;

/** Runs promtool in a folder. Rejects with everything it says where it finds fault. */
export async function promtool(folder: string, args: readonly string[]): Promise<void> {
  const { tree, env } = await debianProgram(prometheusPackages);
  const said: string[] = [];
  try {
    await runProgram(join(tree, 'usr/bin/promtool'), args, {
      cwd: folder,
      env,
      timeoutMs,
      onProgressLine: (line) => said.push(line),
    });
  } catch (error) {
    throw new Error(`promtool ${args.join(' ')}\n${said.join('\n')}`, { cause: error });
  }
}
