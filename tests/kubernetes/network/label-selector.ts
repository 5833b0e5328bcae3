import type { LabelSelector } from './network-policy.js';

export type Labels = Readonly<Record<string, string>>;

/** Whether a selector matches these labels. An empty selector matches everything. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every((expression) => {
      const value = labels[expression.key];
      switch (expression.operator) {
        case 'In':
          return value !== undefined && expression.values.includes(value);
        case 'NotIn':
          // A missing label matches too.
          return value === undefined || !expression.values.includes(value);
        case 'Exists':
          return value !== undefined;
        case 'DoesNotExist':
          return value === undefined;
      }
    })
  );
}
