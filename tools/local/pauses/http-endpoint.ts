import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { appIds, localRunnerEndpoint } from '@unity-purchase/contracts';
import { stringify } from 'yaml';

/** A folder with one Dapr resource. Disposing of it deletes the folder. */
export type HttpEndpointFolder = AsyncDisposable & { path: string };

/**
 * Writes the Dapr HTTPEndpoint that leads from the storefront's sidecar to a port of this machine, in a folder of its own under the
 * data folder. The resources under components/, which a cluster uses too, never contain it.
 */
export async function writeHttpEndpoint(dataDir: string, port: number): Promise<HttpEndpointFolder> {
  const path = join(dataDir, localRunnerEndpoint);
  await mkdir(path, { recursive: true });
  const endpoint = {
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'HTTPEndpoint',
    metadata: { name: localRunnerEndpoint },
    spec: { baseUrl: `http://127.0.0.1:${port}` },
    scopes: [appIds.storefront],
  };
  await writeFile(join(path, 'http-endpoint.yaml'), stringify(endpoint));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
