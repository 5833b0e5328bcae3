import { createHash } from 'node:crypto';
import type { SourcePatch } from './apply-patches.js';
import { keptRegistrations } from './daprd-components.js';
import { daprdPatches } from './daprd-patches.js';
import { runProgram } from './run-program.js';
import { versions } from './versions.js';

/** daprd answers within milliseconds. */
const versionTimeoutMs = 10_000;

/** Identifies how daprd is built here: from which version, with which components and which patches. */
export function daprdRecipeWith(patches: readonly SourcePatch[]): string {
  return hashOf([versions.daprdSource, Object.keys(keptRegistrations).sort(), changesOf(patches)]);
}

/**
 * The version that a daprd built here prints. It names the patches, because they change what the sidecar guarantees: a test
 * result with one set of patches proves nothing about another.
 */
export function builtDaprdVersionWith(patches: readonly SourcePatch[]): string {
  return `${versions.daprdSource}+${hashOf(changesOf(patches))}`;
}

export const daprdRecipe = daprdRecipeWith(daprdPatches);

export const builtDaprdVersion = builtDaprdVersionWith(daprdPatches);

/** Whether the daprd at this path was built here, and so has the patches. */
export async function isBuiltDaprd(path: string): Promise<boolean> {
  return (
    (await runProgram(path, ['--version'], { timeoutMs: versionTimeoutMs })).trim() === builtDaprdVersion
  );
}

/** Without the explanations, whose wording changes nothing. */
function changesOf(patches: readonly SourcePatch[]): unknown {
  return patches.map(({ file, replacements }) => ({ file, replacements }));
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);
}
