import { tmpdir } from 'node:os';
import { runProgram } from './run-program.js';
import { requireGo } from './go-toolchain.js';

/** A published Go module and its version (`v2.20.2`). */
export type GoModule = { module: string; version: string };

/**
 * Resolves to the folder of a published module in Go's module cache: upstream's files at that version, read-only and verified.
 * Rejects if Go is missing or too old, or if the module cannot be downloaded.
 */
export async function goModuleFolder({ module, version }: GoModule, go = 'go'): Promise<string> {
  await requireGo(go);
  const name = `${module}@${version}`;
  // Outside the checkout, where a go.mod would change the result.
  const options = { cwd: tmpdir() };
  // With -json, the reason of a failure would be in the output instead of in the error.
  await runProgram(go, ['mod', 'download', name], options);
  const answer = await runProgram(go, ['mod', 'download', '-json', name], options);
  return (JSON.parse(answer) as { Dir: string }).Dir;
}
