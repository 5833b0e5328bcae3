import { join } from 'node:path';
import { obtainKubernetesProgram, projectRoot, runProgram } from '@unity-purchase/tools';
import { parseAllDocuments } from 'yaml';

/** The folder of the manifests. */
export const manifests = join(projectRoot, 'k8s');

/** A Kubernetes object in a manifest. */
export type Manifest = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
};

/** Renders a folder with `kubectl kustomize`. Rejects with kustomize's error message. */
export async function renderText(folder: string): Promise<string> {
  return runProgram(await obtainKubernetesProgram('kubectl'), ['kustomize', folder]);
}

/** Renders a folder with `kubectl kustomize` and parses the objects. */
export async function render(folder: string): Promise<Manifest[]> {
  return manifestsIn(await renderText(folder));
}

/** The objects in a file of YAML documents. Throws for invalid YAML. */
export function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document): unknown => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() as unknown;
    })
    .filter((value): value is Manifest => value !== null);
}

/** `ScaledObject purchase-system/purchase-service`. */
export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

/** Each object once, however many renders contain it. */
export function distinctObjects<T extends Manifest>(objects: readonly T[]): T[] {
  return [...new Map(objects.map((object) => [JSON.stringify(object), object])).values()];
}
