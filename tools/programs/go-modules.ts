import { tmpdir } from 'node:os';
import { runProgram } from './run-program.js';
import { requireGo } from './go-toolchain.js';

/** A published Go module and its version (`v2.20.2`). */
export type GoModule = { module: string; version: string };

/**
 * Resolves to the folder of a published module, which Go downloads, checks and keeps; it is read-only, and holds all that
 * upstream's repository holds at that version. Rejects when Go is missing or too old, or the module cannot be had.
 */
export async function goModuleFolder({ module, version }: GoModule, go = 'go'): Promise<string> {
  await requireGo(go);
  const name = `${module}@${version}`;
  // Not in a folder of ours, where a go.mod above would have a say.
  const options = { cwd: tmpdir() };
  // With -json the reason of a failure is in the answer, and would be lost.
  await runProgram(go, ['mod', 'download', name], options);
  const answer = await runProgram(go, ['mod', 'download', '-json', name], options);
  return (JSON.parse(answer) as { Dir: string }).Dir;
}
