import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '@unity-purchase/tools';
import { parse } from 'yaml';
import { z } from 'zod';
import { renderedCombinations } from './combinations.js';
import { renderText } from './render.js';

/** Rendering all combinations takes most of a minute. */
const timeoutMs = 300_000;

const literal = z.string().default('');

/** The fields with which a replacement selects objects. kustomize compares them literally before 5.8. */
const selectorSchema = z.object({
  group: literal,
  version: literal,
  kind: literal,
  name: literal,
  namespace: literal,
});

const kustomizationSchema = z.looseObject({
  kind: z.string(),
  replacements: z
    .array(
      z.looseObject({
        source: selectorSchema,
        targets: z.array(
          z.looseObject({ select: selectorSchema, reject: z.array(selectorSchema).default([]) }),
        ),
      }),
    )
    .default([]),
});

/** Every kustomization of the project, by its path. */
async function kustomizations(): Promise<Map<string, z.infer<typeof kustomizationSchema>>> {
  const found = new Map<string, z.infer<typeof kustomizationSchema>>();
  for (const folder of ['k8s', 'components'])
    for (const name of (await readdir(join(projectRoot, folder), { recursive: true })).sort())
      if (/(^|\/)kustomization\.yaml$/.test(name)) {
        const path = join(folder, name);
        const text = await readFile(join(projectRoot, path), 'utf8');
        found.set(path, kustomizationSchema.parse(parse(text)));
      }
  return found;
}

describe('replacements', () => {
  test('select objects without regular expressions, which older versions of kustomize compare literally', async () => {
    const selectors = [...(await kustomizations())].flatMap(([path, { replacements }]) =>
      replacements.flatMap(({ source, targets }) =>
        [source, ...targets.flatMap(({ select, reject }) => [select, ...reject])].map((selector) => ({
          path,
          selector,
        })),
      ),
    );
    expect(selectors.length).toBeGreaterThan(40);
    const patterns = selectors.filter(({ selector }) =>
      Object.values(selector).some((value) => !/^[\w.-]*$/.test(value)),
    );
    expect(patterns).toEqual([]);
  });

  test(
    'leave no placeholder in what Argo CD or kubectl applies',
    async () => {
      // The combinations are the overlays.
      const folders = [...(await kustomizations())].flatMap(([path, { kind }]) =>
        kind === 'Kustomization' && /^k8s\/(argocd\/clusters|infrastructure)\//.test(path)
          ? [dirname(path)]
          : [],
      );
      expect(folders.length).toBeGreaterThan(8);
      const texts = await Promise.all(
        folders.map(async (folder) => [folder, await renderText(join(projectRoot, folder))] as const),
      );
      const renders = (await renderedCombinations()).map(({ name, text }) => [name, text] as const);
      const unreplaced = [...texts, ...renders].filter(([, text]) => /__[A-Z_]+__/.test(text));
      expect(unreplaced.map(([name]) => name)).toEqual([]);
    },
    timeoutMs,
  );
});
