import { join } from 'node:path';
import { debianProgram, prometheusPackages, runProgram } from '@unity-purchase/tools';

/** Evaluating days of rules takes a while on a busy machine. */
const timeoutMs = 150_000;

/** Runs promtool in a folder, with `input` as its standard input. Rejects with its output if it reports a problem. */
export async function promtool(folder: string, args: readonly string[], input = ''): Promise<void> {
  const { tree, env } = await debianProgram(prometheusPackages);
  const output: string[] = [];
  try {
    await runProgram(join(tree, 'usr/bin/promtool'), args, {
      cwd: folder,
      env,
      timeoutMs,
      input,
      onProgressLine: (line) => output.push(line),
    });
  } catch (error) {
    throw new Error(`promtool ${args.join(' ')}\n${output.join('\n')}`, { cause: error });
  }
}
