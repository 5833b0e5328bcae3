import { randomBytes } from 'node:crypto';
import { createCleanup } from '../cleanup.js';
import { serveControl } from './control-server.js';
import { writeHttpEndpoint } from './http-endpoint.js';
import { pausablePartsOf, type PausableSystem } from './pausable-parts.js';
import { createPauses } from './pauses.js';

/**
 * What the storefront and its sidecar need so that the desk can pause parts. Disposing of it ends every pause. Do that only after the
 * sidecar has ended: daprd watches its folders and gives up without them.
 */
export type OpenPauses = AsyncDisposable & {
  /** A folder with the resource that leads to the runner, for the storefront's sidecar. */
  resourcesPath: string;
  /** For the storefront. */
  env: Readonly<Record<string, string>>;
  /** Ends every pause and refuses new ones. */
  end: () => void;
};

/** Lets the operator desk pause the parts of a system. Only a storefront with the token from `env` can use it. */
export async function openPauses(
  system: PausableSystem,
  { dataDir, report }: { dataDir: string; report: (text: string) => void },
): Promise<OpenPauses> {
  const token = randomBytes(24).toString('base64url');
  const pauses = createPauses(pausablePartsOf(system), report);
  const cleanup = createCleanup();
  const server = cleanup.add(await serveControl(pauses, token));
  const folder = cleanup.add(await writeHttpEndpoint(dataDir, server.port));
  return {
    resourcesPath: folder.path,
    env: { LOCAL_RUNNER_TOKEN: token },
    end: pauses.end,
    [Symbol.asyncDispose]: async () => {
      pauses.end();
      await cleanup.run();
    },
  };
}
