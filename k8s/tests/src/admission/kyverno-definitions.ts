import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@unity-purchase/tools';

/** The first with policies of this kind as v1. */
const version = 'v1.19.0';

/** The folder with the definitions of Kyverno's kinds of policies, in Go's cache. Rejects when they cannot be had. */
export async function kyvernoDefinitions(): Promise<string> {
  const answer = await runProgram(
    'go',
    ['mod', 'download', '-json', `github.com/kyverno/kyverno@${version}`],
    // Outside any module, so that nothing here decides about its version.
    { cwd: tmpdir() },
  );
  return join((JSON.parse(answer) as { Dir: string }).Dir, 'config', 'crds', 'policies.kyverno.io');
}
