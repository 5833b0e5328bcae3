import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import type { Manifest } from '../rendering/render.js';

const labels = z.record(z.string(), z.string()).default({});

const ruleSchema = z.strictObject({
  alert: z.string().optional(),
  record: z.string().optional(),
  expr: z.string(),
  for: z.string().optional(),
  labels,
  annotations: labels,
});

const specSchema = z.strictObject({
  groups: z.array(
    z.strictObject({ name: z.string(), interval: z.string().optional(), rules: z.array(ruleSchema) }),
  ),
});

/** A rule as Prometheus reads it: it either alerts or records. */
export type Rule = z.infer<typeof ruleSchema>;

/** What a PrometheusRule holds, which is what Prometheus calls a rule file. */
export type RuleFile = z.infer<typeof specSchema>;

/** The rules of the PrometheusRule of that name. Throws where there is none, or it says what Prometheus does not know. */
export function ruleFileIn(objects: readonly Manifest[], name: string): RuleFile {
  const found = objects.find((object) => object.kind === 'PrometheusRule' && object.metadata.name === name);
  if (found === undefined) throw new Error(`No PrometheusRule ${name} was rendered`);
  return specSchema.parse(found['spec']);
}

/** All rules of a file. */
export const rulesOf = (file: RuleFile): Rule[] => file.groups.flatMap(({ rules }) => rules);

/** A file of one rule that records what a query answers, under `name`: so that promtool can test a query that is none. */
export function recording(name: string, expr: string): RuleFile {
  return { groups: [{ name, rules: [{ record: name, expr, labels: {}, annotations: {} }] }] };
}

/** A folder of rule files, by name, that is gone when it is disposed of. */
export async function folderOfRules(
  files: Readonly<Record<string, RuleFile>>,
): Promise<AsyncDisposable & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'rules-'));
  for (const [name, file] of Object.entries(files))
    await writeFile(join(folder, `${name}.yaml`), stringify(withoutRunbooks(file)));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** promtool compares all annotations. What operators read is worth repeating in each test; where the page is, is not. */
function withoutRunbooks({ groups }: RuleFile): RuleFile {
  return {
    groups: groups.map((group) => ({
      ...group,
      rules: group.rules.map((rule) => {
        const { runbook_url: _page, ...annotations } = rule.annotations;
        return { ...rule, annotations };
      }),
    })),
  };
}
