import { describe, expect, test } from '@jest/globals';
import { production, renderedCombination, renderedCombinations } from '../rendering/combinations.js';
import { connectionPolicies } from './connections.js';
import { messagingPolicies } from './messaging.js';
import { referencePolicies } from './references.js';
import { safetyPolicies } from './safety.js';
import { scalingPolicies } from './scaling.js';
import { workloadPolicies } from './workloads.js';

const policies = [
  ...safetyPolicies,
  ...workloadPolicies,
  ...scalingPolicies,
  ...messagingPolicies,
  ...connectionPolicies,
  ...referencePolicies,
].map((policy) => [policy.promise, policy] as const);

describe('every overlay, with every broker and every store', () => {
  test.each(policies)('%s', async (_promise, { violations }) => {
    const wrong = (await renderedCombinations()).flatMap(({ name, objects }) =>
      violations(objects).map((text) => `${name}: ${text}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('a violation of the promise is found:', () => {
  test.each(policies)('%s', async (_promise, { violations, violate }) => {
    const { objects } = await renderedCombination(production);
    const altered = structuredClone(objects);
    violate(altered);
    expect(violations(altered)).not.toEqual([]);
  });
});
