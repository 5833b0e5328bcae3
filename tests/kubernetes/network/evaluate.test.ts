import { describe, expect, it } from '@jest/globals';
import { mayConnect } from './evaluate.js';
import { networkPoliciesIn } from './network-policy.js';
import type { Labels } from './label-selector.js';
import type { Party, Port } from './party.js';
import { manifestsIn } from '../rendering/render.js';

/** Details of network policies that are easy to get wrong, from the Kubernetes documentation. */
describe('a pod', () => {
  it('is open if no policy selects it', () => {
    expect(reaches('podSelector: { matchLabels: { app: other } }\npolicyTypes: [Ingress]')).toBe(true);
  });

  it('is closed for what the policies that select it do not allow', () => {
    expect(reaches('podSelector: { matchLabels: { app: web } }\npolicyTypes: [Ingress]')).toBe(false);
  });

  it('is open if only a policy of another namespace matches it', () => {
    expect(reaches('podSelector: {}\npolicyTypes: [Ingress]', { policyNamespace: 'there' })).toBe(true);
  });

  it('is selected by an empty and by a missing selector', () => {
    expect(reaches('podSelector: {}\npolicyTypes: [Ingress]')).toBe(false);
    expect(reaches('policyTypes: [Ingress]')).toBe(false);
  });

  it('may do what any of its policies allows', () => {
    expect(reaches('policyTypes: [Ingress]', 'ingress: [{}]')).toBe(true);
  });

  it('is reachable only if both ends allow it', () => {
    const open = 'ingress: [{}]\npolicyTypes: [Ingress]';

    expect(reaches(open, 'egress: [{}]\npolicyTypes: [Egress]')).toBe(true);
    expect(reaches(open, 'policyTypes: [Egress]')).toBe(false);
    expect(reaches('policyTypes: [Ingress]', 'egress: [{}]\npolicyTypes: [Egress]')).toBe(false);
  });
});

describe('a policy without types', () => {
  it('applies to ingress even without an ingress rule', () => {
    expect(reaches('podSelector: { matchLabels: { app: web } }')).toBe(false);
  });

  it('is also one with an empty list of types', () => {
    expect(reaches('podSelector: { matchLabels: { app: web } }\npolicyTypes: []')).toBe(false);
  });

  it('applies to egress only with an egress rule', () => {
    const client = 'podSelector: { matchLabels: { app: client } }';

    expect(reaches(client)).toBe(true);
    expect(reaches(`${client}\negress: []`)).toBe(true);
    expect(reaches(`${client}\negress: [{ to: [{ podSelector: { matchLabels: { app: other } } }] }]`)).toBe(
      false,
    );
  });

  it('ignores rules for a direction that its types exclude', () => {
    expect(
      reaches('policyTypes: [Ingress, Egress]', 'policyTypes: [Egress]\ningress: [{}]\negress: [{}]'),
    ).toBe(false);
  });
});

describe('the rules of a policy', () => {
  it('allow nothing if the list is empty, and everything if one rule is empty', () => {
    expect(reaches('ingress: []')).toBe(false);
    expect(reaches('ingress: [{}]')).toBe(true);
  });

  it('restrict neither peers nor ports with empty lists', () => {
    expect(reaches('ingress: [{ from: [], ports: [] }]')).toBe(true);
  });
});

describe('a peer', () => {
  const inThere = { from: pod('client', 'there', { app: 'client' }) };

  it('with only a pod selector matches pods of the own namespace', () => {
    const policy = 'ingress: [{ from: [{ podSelector: {} }] }]';

    expect(reaches(policy)).toBe(true);
    expect(reaches(policy, inThere)).toBe(false);
  });

  it('with only a namespace selector matches all pods of the namespace', () => {
    const policy = 'ingress: [{ from: [{ namespaceSelector: { matchLabels: { name: there } } }] }]';

    expect(reaches(policy)).toBe(false);
    expect(reaches(policy, inThere)).toBe(true);
  });

  it('with both selectors must match both, while two peers match either', () => {
    const both = 'namespaceSelector: { matchLabels: { name: there } }';
    const labels = 'podSelector: { matchLabels: { app: other } }';

    expect(reaches(`ingress: [{ from: [{ ${both}, ${labels} }] }]`, inThere)).toBe(false);
    expect(reaches(`ingress: [{ from: [{ ${both} }, { ${labels} }] }]`, inThere)).toBe(true);
  });

  it('without a label matches NotIn and DoesNotExist, but not In and Exists', () => {
    const policy = (operator: string) =>
      `ingress: [{ from: [{ podSelector: { matchExpressions: [{ key: tier, operator: ${operator} }] } }] }]`;

    expect(reaches(policy('In, values: [a]'))).toBe(false);
    expect(reaches(policy('NotIn, values: [a]'))).toBe(true);
    expect(reaches(policy('Exists'))).toBe(false);
    expect(reaches(policy('DoesNotExist'))).toBe(true);
  });

  it('with an address block excludes its exceptions and the other address family', () => {
    const policy = 'ingress: [{ from: [{ ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8] } }] }]';
    const ipv6 = 'ingress: [{ from: [{ ipBlock: { cidr: "::/0" } }] }]';

    expect(reaches(policy, { from: outside('192.0.2.1') })).toBe(true);
    expect(reaches(policy, { from: outside('10.1.2.3') })).toBe(false);
    expect(reaches(ipv6, { from: outside('192.0.2.1') })).toBe(false);
    expect(reaches(ipv6, { from: outside('2001:db8::1') })).toBe(true);
  });

  it('with a selector never matches an address outside the cluster', () => {
    expect(reaches('ingress: [{ from: [{ namespaceSelector: {} }] }]', { from: outside('192.0.2.1') })).toBe(
      false,
    );
  });
});

describe('a port', () => {
  it('is TCP by default', () => {
    expect(reaches('ingress: [{ ports: [{ port: 80 }] }]')).toBe(true);
    expect(reaches('ingress: [{ ports: [{ port: 80 }] }]', { port: { port: 80, protocol: 'UDP' } })).toBe(
      false,
    );
  });

  it('without a number matches every port of its protocol', () => {
    expect(reaches('ingress: [{ ports: [{ protocol: TCP }] }]')).toBe(true);
    expect(reaches('ingress: [{ ports: [{ protocol: UDP }] }]')).toBe(false);
  });

  it('includes the last port of a range', () => {
    expect(reaches('ingress: [{ ports: [{ port: 70, endPort: 80 }] }]')).toBe(true);
    expect(reaches('ingress: [{ ports: [{ port: 70, endPort: 79 }] }]')).toBe(false);
  });

  it('with a name matches the receiver’s port of that name in both directions', () => {
    expect(reaches('ingress: [{ ports: [{ port: http }] }]')).toBe(true);
    expect(reaches('egress: [{ ports: [{ port: http }] }]\npolicyTypes: [Egress]')).toBe(true);
    expect(reaches('ingress: [{ ports: [{ port: other }] }]')).toBe(false);
  });
});

describe('a policy that Kubernetes would misinterpret', () => {
  it.each([
    ['an unknown field', 'podSelectors: {}'],
    ['a selector at the wrong place', 'ingress: [{ from: [{ matchLabels: { app: web } }] }]'],
    [
      'an address block beside a selector',
      'ingress: [{ from: [{ ipBlock: { cidr: 0.0.0.0/0 }, podSelector: {} }] }]',
    ],
    ['a peer without a selector', 'ingress: [{ from: [{}] }]'],
    ['`to` in an ingress rule', 'ingress: [{ to: [{ podSelector: {} }] }]'],
  ])('is refused: %s', (_, spec) => {
    expect(() => policy(spec, 'here')).toThrow();
  });
});

type Circumstances = { from?: Party; port?: Port; policyNamespace?: string };

/** Whether the client reaches port 80 of the web pod. Both pods and the policies are in the namespace `here`. */
function reaches(...given: (string | Circumstances)[]): boolean {
  const specs = given.filter((one) => typeof one === 'string');
  const {
    from = pod('client', 'here', { app: 'client' }),
    port = { port: 80, protocol: 'TCP' },
    policyNamespace = 'here',
  } = Object.assign({}, ...given.filter((one) => typeof one !== 'string')) as Circumstances;
  const to = pod('web', 'here', { app: 'web' });
  return mayConnect(
    specs.flatMap((spec) => policy(spec, policyNamespace)),
    { from, to, port },
  );
}

function policy(spec: string, namespace: string) {
  return networkPoliciesIn(
    manifestsIn(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: one, namespace: ${namespace} }
spec:
${spec.replace(/^/gm, '  ')}`),
  );
}

function pod(name: string, namespace: string, labels: Labels): Party {
  return {
    name,
    pod: { namespace, namespaceLabels: { name: namespace }, labels },
    addresses: ['10.0.0.1'],
    ports: [{ port: 80, protocol: 'TCP', name: 'http' }],
  };
}

function outside(address: string): Party {
  return { name: address, addresses: [address], ports: [] };
}
