import { obtainGoProgram } from './go-programs.js';
import { versions } from './versions.js';

/**
 * A registry for images, for this machine alone: the reference implementation, which many run. Resolves to its path.
 * Rejects as `obtainGoPrograms` does.
 */
export async function obtainRegistry(): Promise<string> {
  return obtainGoProgram({
    name: 'registry',
    module: 'github.com/distribution/distribution/v3',
    version: `v${versions.registry}`,
    packages: { registry: 'github.com/distribution/distribution/v3/cmd/registry' },
    takes: 'about a minute on two cores',
  });
}
