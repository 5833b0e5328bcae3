import { isBuiltDaprd } from '../../programs/daprd-recipe.js';
import { serverComponentOf } from '../servers/component-address.js';
import type { Component } from './resource-documents.js';

/** The environment variable with which an operator accepts that purchases may be lost. */
export const allowVariable = 'ALLOW_LOST_PURCHASES';

/**
 * Rejects a broker and a sidecar that together may accept a purchase and lose it, unless the environment allows it. No setting of
 * the component prevents that.
 */
export async function requireTrueAcknowledgements(
  components: readonly Component[],
  daprdPath: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const unsafe = components.find(({ type }) => serverComponentOf(type)?.acknowledgesFalsely === true);
  if (unsafe === undefined || env[allowVariable] === 'true' || (await isBuiltDaprd(daprdPath))) return;
  const title = serverComponentOf(unsafe.type)?.server.title ?? unsafe.type;
  throw new Error(
    [
      `${title} may lose purchases with this sidecar (${daprdPath}): it reports a publication as done that ${title} refused.`,
      `Nothing was started. Use another broker, or accept the loss with ${allowVariable}=true.`,
      'See docs/portability.md.',
    ].join('\n'),
  );
}
