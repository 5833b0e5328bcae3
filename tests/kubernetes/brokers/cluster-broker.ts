import { appIds } from '@unity-purchase/contracts';
import { differencesIn } from '@unity-purchase/tools';
import type { Party } from '../network/party.js';
import { metadataOf, type DaprComponent } from '../policies/policy.js';
import type { Manifest } from '../rendering/render.js';

/** What the tests of the manifests know about a broker that runs in a cluster. */
export type ClusterBroker = {
  /** The type of its Dapr component. */
  componentType: string;
  scaler: Scaler;
  /** The broker's pods and their ports. The labels are those that its chart or operator sets. */
  pods: Omit<Party, 'addresses'>;
  /** Compares the topics of the contracts with what the manifests create on the broker, and returns the problems. */
  topicProblems: (objects: readonly Manifest[], topics: readonly string[]) => string[];
  /** Compares how long the broker keeps events, by what the manifests create on it, with the required retention. */
  retentionProblems: (objects: readonly Manifest[]) => string[];
};

/** The KEDA scaler that measures a broker's lag. */
export type Scaler = {
  /** The trigger's type in a ScaledObject. */
  type: string;
  /** The files in KEDA's `pkg/scalers` that read the trigger's metadata. */
  sources: readonly string[];
  /** The key of the trigger's metadata that holds the number of waiting events per pod. */
  lagPerPodKey: string;
  /** The values that Validate accepts, by key, for keys whose values KEDA's schema does not list. */
  allowedValues?: Readonly<Record<string, string[]>>;
  /** Sets of keys, one of which must be complete, where KEDA's schema lists them as optional. */
  oneOf?: readonly (readonly string[])[];
  /** What the trigger's metadata must say, given the component that the sidecars use. */
  metadataFor: (component: DaprComponent) => Record<string, string>;
};

/** The value of a key in a component's metadata. Without the key, a text that no trigger contains. */
export function valueOf(component: DaprComponent, name: string): string {
  return metadataOf(component, name) ?? `the component’s ${name}`;
}

/** The consumer group that the purchase-service reads with. Dapr's default is the app id. */
export function consumerGroupOf(component: DaprComponent): string {
  return metadataOf(component, 'consumerGroup') ?? appIds.purchaseService;
}

/** Compares the names that objects of a kind have on the broker with the expected names. */
export function nameProblems(
  objects: readonly Manifest[],
  kind: string,
  expected: readonly string[],
): string[] {
  const names = objects.filter((object) => object.kind === kind).map(nameOnBroker);
  return names.sort().join() === [...expected].sort().join() ? [] : [`${kind}: ${names.join()}`];
}

/** Compares the settings of all objects of a kind with the required ones. */
export function settingProblems(
  objects: readonly Manifest[],
  kind: string,
  settingsOf: (spec: Record<string, unknown>) => Record<string, unknown>,
  required: Readonly<Record<string, unknown>>,
): string[] {
  return objects
    .filter((object) => object.kind === kind)
    .flatMap(({ metadata, spec }) =>
      differencesIn(settingsOf(spec as Record<string, unknown>), required).map(
        (difference) => `${kind} ${metadata.name}: ${difference}`,
      ),
    );
}

/** Some kinds of objects have a field for the name on the broker. */
function nameOnBroker({ metadata, spec }: Manifest): string {
  return (spec as { name?: string }).name ?? metadata.name;
}
