import { obtainGoProgram } from './go-programs.js';
import { versions } from './versions.js';

/**
 * Resolves to the path of `registry`, the reference implementation of an image registry. Tests run it on this machine.
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

/** Resolves to the path of `crane`, a client for image registries. Rejects as `obtainGoPrograms` does. */
export async function obtainCrane(): Promise<string> {
  return obtainGoProgram({
    name: 'crane',
    module: 'github.com/google/go-containerregistry',
    version: `v${versions.crane}`,
    packages: { crane: 'github.com/google/go-containerregistry/cmd/crane' },
    takes: 'about half a minute on two cores',
  });
}
