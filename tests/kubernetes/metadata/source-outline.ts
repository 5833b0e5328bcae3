import { obtainSourceOutline, runProgram } from '@unity-purchase/tools';
import { z } from 'zod';

const sourceOutline = z.object({
  /** The struct fields with the requested tag: the tag's value, and the field's type. */
  fields: z.array(z.object({ tag: z.string(), type: z.string() })),
  /** The values of all string literals. */
  strings: z.array(z.string()),
  /** The called functions as the source names them, such as `pubsub.Concurrency`. */
  calls: z.array(z.string()),
});

/** Building it once is enough, also for parallel calls. */
let program: Promise<string> | undefined;

/** Facts about Go files, from Go's own parser. `tag` is the key of the struct tags to list. Rejects for invalid Go. */
export async function outlineOf(
  files: readonly string[],
  { tag = '' } = {},
): Promise<z.infer<typeof sourceOutline>> {
  program ??= obtainSourceOutline();
  const output = await runProgram(await program, ['-tag', tag, ...files]);
  return sourceOutline.parse(JSON.parse(output));
}
