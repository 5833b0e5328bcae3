import { asLabelTime, imageName, type ImageOrigin, type ImageService } from './shipped-images.js';

/** A build of one image. */
export type ImageBuild = {
  service: ImageService;
  origin: ImageOrigin;
  /** As `linux/arm64`; by default that of the builder. */
  platform?: string | undefined;
  /** A file with the npm settings that packages are fetched with. */
  npmSettings: string;
};

/** The name that an image gets where it is built. */
export function imageReference({ service, origin }: Pick<ImageBuild, 'service' | 'origin'>): string {
  return `${imageName(service)}:${origin.version}`;
}

/** What every builder is told, in the words of all of them. Nothing in it depends on who builds, when or where. */
function commonArguments({ service, origin, platform, npmSettings }: ImageBuild): string[] {
  const values = {
    SERVICE: service,
    VERSION: origin.version,
    REVISION: origin.revision,
    CREATED: asLabelTime(origin.committedAt),
  };
  return [
    ...Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...['--secret', `id=npmrc,src=${npmSettings}`],
    ...(platform === undefined ? [] : ['--platform', platform]),
    // A layer that another commit has left behind has that commit's time.
    '--no-cache',
  ];
}

/** The command line of podman for a build that stays in its store. Base images must be there. */
export function podmanBuildArguments(build: ImageBuild): string[] {
  return [
    'build',
    ...['--tag', imageReference(build)],
    ...['--format', 'oci', '--pull=never', '--layers'],
    // Needs no rights that a build may not have where it runs in a container itself.
    ...['--isolation', 'chroot'],
    // The time of everything in the image, and no word of the builder's version.
    ...['--timestamp', String(build.origin.committedAt), '--identity-label=false'],
    ...commonArguments(build),
    '.',
  ];
}

/**
 * The command line of docker for a build that becomes a file in OCI's format. Attestations have times of their own, and are
 * added to what was published.
 */
export function buildxArguments(build: ImageBuild, archive: string): string[] {
  return [
    ...['buildx', 'build'],
    ...['--tag', imageReference(build)],
    ...['--output', `type=oci,dest=${archive},rewrite-timestamp=true`],
    ...['--build-arg', `SOURCE_DATE_EPOCH=${build.origin.committedAt}`],
    ...['--provenance=false', '--sbom=false'],
    ...commonArguments(build),
    '.',
  ];
}
