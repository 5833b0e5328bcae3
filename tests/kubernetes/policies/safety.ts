import { containerOf, deploymentsIn, named, type Deployment, type Policy } from './policy.js';
import type { Manifest } from '../rendering/render.js';

/** Text that must be replaced before the manifests are applied. */
const placeholder = /__\w+__|CHANGE_?ME|set-by-|\bTODO\b|<[a-z-]+>/;

/** What every render must contain or avoid. */
export const safetyPolicies: readonly Policy[] = [
  {
    promise: 'no placeholder is left',
    violations: (objects) =>
      objects
        .map((object) => ({ name: object.metadata.name, found: placeholder.exec(JSON.stringify(object)) }))
        .filter(({ found }) => found !== null)
        .map(({ name, found }) => `${name}: ${found?.[0] ?? ''}`),
    violate: (objects) => {
      containerOf(named<Deployment>(objects, 'Deployment', 'storefront')).image = '__IMAGE__';
    },
  },
  {
    promise: 'images have a registry, and a version or a digest',
    violations: (objects) =>
      deploymentsIn(objects)
        .map((deployment) => containerOf(deployment).image)
        .filter(
          (image) =>
            !/^[a-z0-9.-]+\/[a-z0-9./-]+:[a-z0-9][a-z0-9.-]*(@sha256:[0-9a-f]{64})?$/.test(image) ||
            image.includes(':latest'),
        )
        .map((image) => `${image} is ambiguous`),
    violate: (objects) => {
      containerOf(named<Deployment>(objects, 'Deployment', 'storefront')).image = 'storefront:latest';
    },
  },
  {
    promise: 'every namespaced object names its namespace',
    violations: (objects) =>
      objects
        .filter(({ kind, metadata }) => !isClusterScoped(kind) && metadata.namespace === undefined)
        .map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    violate: (objects) => {
      delete named(objects, 'Service', 'storefront').metadata.namespace;
    },
  },
  {
    promise: 'the namespace admits only restricted pods, and Argo CD deletes it only after confirmation',
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
    violate: (objects) => {
      named(objects, 'Namespace', 'purchase-system').metadata.labels = {};
    },
  },
];

function isClusterScoped(kind: string): boolean {
  return [
    'Namespace',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ImageValidatingPolicy',
  ].includes(kind);
}
