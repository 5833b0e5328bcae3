import { describe, expect, it } from '@jest/globals';
import { everyChoice, type Choice } from '../src/network/choices.js';
import { allowedBy, differences } from '../src/network/connections.js';
import { readFlows, wantedWith } from '../src/network/flows.js';
import { narrowed, widened, type Mutation } from '../src/network/mutations.js';
import type { NetworkPolicy } from '../src/network/network-policy.js';

const [flows, choices] = await Promise.all([readFlows(), everyChoice()]);

describe('who may talk to whom', () => {
  it.each(choices.map((choice) => [choice.components.join(' + '), choice] as const))(
    'is what the table says, nothing more and nothing less: %s',
    (_, choice) => {
      expect(differencesOf(choice)).toEqual({ missing: [], unlisted: [] });
    },
  );

  it('is asked for every broker and every store', () => {
    expect(choices).toHaveLength(4 * 3 * 2);
  });

  it('has a row for nothing that no choice brings', () => {
    const chosen = new Set(['always', ...choices.flatMap(({ components }) => components)]);

    expect(flows.map(({ when }) => when).filter((when) => !chosen.has(when))).toEqual([]);
  });
});

describe('every policy', () => {
  it.each(mutationsOf(narrowed))('is missed: %s', (_, policy, mutation) => {
    expect(choices.some((choice) => exchanged(choice, policy, mutation)?.missing.length)).toBe(true);
  });

  it.each(mutationsOf(widened))('protects something: %s', (_, policy, mutation) => {
    expect(choices.some((choice) => exchanged(choice, policy, mutation)?.unlisted.length)).toBe(true);
  });
});

function differencesOf({ components, policies }: Choice) {
  return differences(allowedBy(policies), wantedWith(flows, components));
}

/** Every policy of every choice once, with each of its mutations. */
function mutationsOf(mutate: (policy: NetworkPolicy) => Mutation[]) {
  const policies = new Map(
    choices.flatMap((choice) => choice.policies).map((policy) => [JSON.stringify(policy), policy]),
  );
  return [...policies.values()].flatMap((policy) =>
    mutate(policy).map((mutation) => [`${nameOf(policy)} ${mutation.what}`, policy, mutation] as const),
  );
}

function nameOf({ metadata, spec }: NetworkPolicy): string {
  const namespaces = JSON.stringify(spec).match(/(?<="kubernetes.io\/metadata.name":")[^"]+/g) ?? [];
  return metadata.name.endsWith('-egress') ? `${metadata.name} to ${namespaces.join()}` : metadata.name;
}

/** What is different in a choice when a policy of it is exchanged, if it has the policy. */
function exchanged({ components, policies }: Choice, policy: NetworkPolicy, mutation: Mutation) {
  const index = policies.findIndex((one) => JSON.stringify(one) === JSON.stringify(policy));
  if (index < 0) return undefined;
  const rest = policies.toSpliced(index, 1);
  return differencesOf({
    components,
    policies: mutation.policy === undefined ? rest : [...rest, mutation.policy],
  });
}
