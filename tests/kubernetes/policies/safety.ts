import { containerOf, deploymentsIn, named, type Deployment, type Policy } from './policy.js';
import type { Manifest } from '../rendering/render.js';

/** What is meant to be replaced before it is applied. */
const placeholder = /__\w+__|CHANGE_?ME|set-by-|\bTODO\b|<[a-z-]+>/;

/** What is in every render, whatever it is for. */
export const safetyPolicies: readonly Policy[] = [
  {
    promise: 'nothing is left that was to be replaced',
    violations: (objects) =>
      objects
        .map((object) => ({ name: object.metadata.name, found: placeholder.exec(JSON.stringify(object)) }))
        .filter(({ found }) => found !== null)
        .map(({ name, found }) => `${name}: ${found?.[0] ?? ''}`),
    broken: (objects) => {
      containerOf(named<Deployment>(objects, 'Deployment', 'storefront')).image = '__IMAGE__';
    },
  },
  {
    promise: 'images have a tag that says what they are, or a digest, and an origin',
    violations: (objects) =>
      deploymentsIn(objects)
        .map((deployment) => containerOf(deployment).image)
        .filter(
          (image) =>
            !/^[a-z0-9.-]+\/[a-z0-9./-]+:[a-z0-9][a-z0-9.-]*(@sha256:[0-9a-f]{64})?$/.test(image) ||
            image.includes(':latest'),
        )
        .map((image) => `${image} could be anything`),
    broken: (objects) => {
      containerOf(named<Deployment>(objects, 'Deployment', 'storefront')).image = 'storefront:latest';
    },
  },
  {
    promise: 'every object of a namespace says which',
    violations: (objects) =>
      objects
        .filter(({ kind, metadata }) => !isOfCluster(kind) && metadata.namespace === undefined)
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    broken: (objects) => {
      delete named(objects, 'Service', 'storefront').metadata.namespace;
    },
  },
  {
    promise: "the namespace takes restricted pods only, and is not deleted by a machine's own decision",
    violations: (objects) => {
      const { labels = {}, annotations = {} } = named<Manifest>(
        objects,
        'Namespace',
        'purchase-system',
      ).metadata;
      const options = annotations['argocd.argoproj.io/sync-options'] ?? '';
      return [
        ...['enforce', 'audit', 'warn']
          .filter((mode) => labels[`pod-security.kubernetes.io/${mode}`] !== 'restricted')
          .map((mode) => `${mode} is not restricted`),
        ...['Prune=confirm', 'Delete=confirm'].filter((option) => !options.split(',').includes(option)),
      ];
    },
    broken: (objects) => {
      named(objects, 'Namespace', 'purchase-system').metadata.labels = {};
    },
  },
];

function isOfCluster(kind: string): boolean {
  return ['Namespace', 'ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'].includes(kind);
}
