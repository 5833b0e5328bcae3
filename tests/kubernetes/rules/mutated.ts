import type { Mutation } from './mutations.js';
import type { RuleFile } from './rule-files.js';

/** The same rules with one mistake. Throws where there is nothing to change, so that no mutation becomes empty. */
export function mutated(file: RuleFile, { rule: name, part = 'expr', from, to }: Mutation): RuleFile {
  let changes = 0;
  const groups = file.groups.map((group) => ({
    ...group,
    rules: group.rules.map((rule) => {
      const text = rule[part];
      if ((rule.alert ?? rule.record) !== name || text?.includes(from) !== true) return rule;
      changes += 1;
      return { ...rule, [part]: text.replaceAll(from, to) };
    }),
  }));
  if (changes === 0) throw new Error(`${name} does not say ${from}`);
  return { groups };
}
