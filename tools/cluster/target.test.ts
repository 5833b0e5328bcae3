import { describe, expect, test } from '@jest/globals';
import type { Programs } from './programs.js';
import { chooseContext, loadCommand, requireAnswer } from './target.js';

/** Programs that answer with these texts, by their command line, and what else was run. */
function programsThat(answers: Readonly<Record<string, string>>) {
  const ran: string[] = [];
  const programs: Programs = {
    read: (program, args) => {
      const answer = answers[[program, ...args].join(' ')];
      return answer === undefined ? Promise.reject(new Error('refused')) : Promise.resolve(answer);
    },
    show: (program, args) => {
      ran.push([program, ...args].join(' '));
      return Promise.resolve();
    },
    forward: () => Promise.reject(new Error('nothing is forwarded')),
  };
  return { programs, ran };
}

const current = 'kubectl config current-context';

describe('the cluster', () => {
  test.each(['kind-shop', 'k3d-shop', 'minikube', 'docker-desktop'])(
    'is that of the current context if it is local: %s',
    async (context) => {
      const { programs } = programsThat({ [current]: `${context}\n` });
      expect(await chooseContext(programs, {})).toBe(context);
    },
  );

  test.each(['production', 'gke_shop_europe', 'my-kind-of-cluster', 'minikube-of-someone'])(
    'must be named if it may be shared: %s',
    async (context) => {
      const { programs } = programsThat({ [current]: `${context}\n` });
      await expect(chooseContext(programs, {})).rejects.toThrow(`Confirm it with --context ${context}.`);
      expect(await chooseContext(programs, { context })).toBe(context);
    },
  );

  test('must be chosen if there is no current one', async () => {
    const { programs } = programsThat({});
    await expect(chooseContext(programs, {})).rejects.toThrow('--context NAME, or create one with --kind');
    await expect(chooseContext(programs, { kind: true, context: 'kind-a' })).rejects.toThrow('not both');
  });

  test('is created by kind once', async () => {
    const first = programsThat({ 'kind get clusters': 'other\n' });
    expect(await chooseContext(first.programs, { kind: true })).toBe('kind-purchase-system');
    expect(first.ran).toEqual(['kind create cluster --name purchase-system --wait 5m']);
    const second = programsThat({ 'kind get clusters': 'other\npurchase-system\n' });
    expect(await chooseContext(second.programs, { kind: true })).toBe('kind-purchase-system');
    expect(second.ran).toEqual(['kind export kubeconfig --name purchase-system']);
  });
});

test('a cluster that does not answer is reported, with what to do if kind was interrupted', async () => {
  const { programs } = programsThat({});
  await expect(requireAnswer(programs, 'minikube')).rejects.toThrow(/^The cluster does not answer\.$/);
  await expect(requireAnswer(programs, 'kind-purchase-system')).rejects.toThrow(
    'Delete it: kind delete cluster --name purchase-system',
  );
});

test.each([
  ['kind-shop', 'kind load image-archive a.tar --name shop'],
  ['k3d-shop', 'k3d image import a.tar --cluster shop'],
  ['minikube', 'minikube image load a.tar --profile minikube'],
  ['docker-desktop', 'docker load --input a.tar'],
  ['production', undefined],
])('%s gets an image by: %s', (context, command) => {
  expect(loadCommand(context, 'a.tar')?.join(' ')).toBe(command);
});
