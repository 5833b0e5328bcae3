import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A change to a published source file. */
export type SourcePatch = {
  /** What goes wrong without it. */
  why: string;
  /** Where upstream fixed or discusses it. */
  upstream: string;
  /** The path of the file. */
  file: string;
  /** Texts to replace. Each must occur exactly once. */
  replacements: readonly { before: string; after: string }[];
};

/** Applies patches to the files below a folder. Rejects, naming file and text, if a text does not occur exactly once. */
export async function applyPatches(folder: string, patches: readonly SourcePatch[]): Promise<void> {
  for (const { file, replacements } of patches) {
    const path = join(folder, file);
    let text = await readFile(path, 'utf8');
    for (const { before, after } of replacements) {
      const [start, end, ...rest] = text.split(before);
      if (start === undefined || end === undefined || rest.length > 0)
        throw new Error(`${file} does not contain this text exactly once: ${before}`);
      text = `${start}${after}${end}`;
    }
    await writeFile(path, text);
  }
}
