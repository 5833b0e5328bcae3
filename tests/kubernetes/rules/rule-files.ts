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

/** A rule of Prometheus, which either alerts or records. */
export type Rule = z.infer<typeof ruleSchema>;

/** The content of a PrometheusRule, in the format of Prometheus' rule files. */
export type RuleFile = z.infer<typeof specSchema>;

/** The content of the named PrometheusRule. Throws if it is missing or has unknown fields. */
export function ruleFileIn(objects: readonly Manifest[], name: string): RuleFile {
  const found = objects.find((object) => object.kind === 'PrometheusRule' && object.metadata.name === name);
  if (found === undefined) throw new Error(`no PrometheusRule ${name}`);
  return specSchema.parse(found['spec']);
}

/** All rules of a file. */
export const rulesOf = (file: RuleFile): Rule[] => file.groups.flatMap(({ rules }) => rules);

/** A rule file that records the result of a query as `name`, so that promtool can test the query of a scaler. */
export function recording(name: string, expr: string): RuleFile {
  return { groups: [{ name, rules: [{ record: name, expr, labels: {}, annotations: {} }] }] };
}

/** Writes rule files, by name, into a temporary folder. Disposing deletes the folder. */
export async function folderOfRules(
  files: Readonly<Record<string, RuleFile>>,
): Promise<AsyncDisposable & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'unity-purchase-rules-'));
  for (const [name, file] of Object.entries(files))
    await writeFile(join(folder, `${name}.yaml`), stringify(withoutRunbooks(file)));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

/** promtool compares all annotations. Tests repeat the texts for operators, but not the links to runbooks. */
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
