import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectRoot } from '../project-root.js';

const composeSchema = z.looseObject({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string(),
      ports: z.array(z.string()).default([]),
      profiles: z.array(z.string()).default([]),
      volumes: z.array(z.string()).default([]),
      configs: z.array(z.object({ source: z.string(), target: z.string() })).default([]),
      command: z.array(z.string()).default([]),
      environment: z.record(z.string(), z.string()).default({}),
    }),
  ),
  configs: z.record(
    z.string(),
    z.looseObject({ content: z.string().optional(), file: z.string().optional() }),
  ),
  volumes: z.record(z.string(), z.null()),
});

/** The parts of compose.yaml that must match other files. */
export type ComposeFile = z.infer<typeof composeSchema>;

/** Reads compose.yaml. Rejects when it lacks one of those parts. */
export async function readComposeFile(): Promise<ComposeFile> {
  return composeSchema.parse(parse(await readFile(join(projectRoot, 'compose.yaml'), 'utf8')));
}
