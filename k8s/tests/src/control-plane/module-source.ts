import { tmpdir } from 'node:os';
import { runProgram } from '@unity-purchase/tools';

/**
 * The folder with the published source of a Go module: Go's own cache has it, or gets it. Outside of any module, so that
 * nothing decides about the version but the caller.
 */
export async function moduleSource(module: string, version: string): Promise<string> {
  const answer = await runProgram('go', ['mod', 'download', '-json', `${module}@${version}`], {
    cwd: tmpdir(),
  });
  return (JSON.parse(answer) as { Dir: string }).Dir;
}
