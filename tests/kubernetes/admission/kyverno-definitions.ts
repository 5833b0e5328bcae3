import { join } from 'node:path';
import { upstreamFolder } from '@unity-purchase/tools';

/** The folder with the definitions of Kyverno's kinds of policies. Rejects when they cannot be had. */
export async function kyvernoDefinitions(): Promise<string> {
  return join(await upstreamFolder('kyverno'), 'config', 'crds', 'policies.kyverno.io');
}
