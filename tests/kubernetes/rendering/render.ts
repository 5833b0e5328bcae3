import { join } from 'node:path';
import { obtainKubernetesProgram, projectRoot, runProgram } from '@unity-purchase/tools';
import { parseAllDocuments } from 'yaml';

/** Where the manifests are. */
export const manifests = join(projectRoot, 'k8s');

/** An object of Kubernetes as a manifest says it. */
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

/** What `kubectl kustomize` makes of a folder, as text. Rejects with what it says where it cannot. */
export async function renderText(folder: string): Promise<string> {
  return runProgram(await obtainKubernetesProgram('kubectl'), ['kustomize', folder]);
}

/** What `kubectl kustomize` makes of a folder. */
export async function render(folder: string): Promise<Manifest[]> {
  return manifestsIn(await renderText(folder));
}

/** The objects in a file of YAML documents. Throws for what is not YAML. */
export function manifestsIn(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((document): unknown => {
      if (document.errors[0] !== undefined) throw document.errors[0];
      return document.toJS() as unknown;
    })
    .filter((value): value is Manifest => value !== null);
}
