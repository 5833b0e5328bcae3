import { asLabelTime, imageName, type ImageOrigin, type ImageService } from './shipped-images.js';

/** A build of one image. */
export type ImageBuild = {
  service: ImageService;
  origin: ImageOrigin;
  /** `linux/arm64`, for example. The default is the builder's own. */
  platform?: string | undefined;
  /** A file with the npm settings for downloading packages. */
  npmSettings: string;
};

/** The name and tag of an image. */
export function imageReference({ service, origin }: Pick<ImageBuild, 'service' | 'origin'>): string {
  return `${imageName(service)}:${origin.version}`;
}

/** The arguments that podman and docker share. They do not depend on who builds, when or where. */
function commonArguments({ service, origin, platform, npmSettings }: ImageBuild): string[] {
  const values = {
    SERVICE: service,
    VERSION: origin.version,
    REVISION: origin.revision,
    CREATED: asLabelTime(origin.committedAt),
  };
  return [
    ...Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    '--secret',
    `id=npmrc,src=${npmSettings}`,
    ...(platform === undefined ? [] : ['--platform', platform]),
    // A cached layer of another commit would have that commit's time.
    '--no-cache',
  ];
}

/** podman's arguments for a build into its store, which must contain the base images. */
export function podmanBuildArguments(build: ImageBuild): string[] {
  return [
    'build',
    '--tag',
    imageReference(build),
    '--format=oci',
    '--pull=never',
    '--layers',
    // Works without the privileges that a build inside a container lacks.
    '--isolation=chroot',
    // The time of everything in the image. The label would contain the builder's version.
    '--timestamp',
    String(build.origin.committedAt),
    '--identity-label=false',
    ...commonArguments(build),
    '.',
  ];
}

/**
 * docker's arguments for a build into an OCI archive. Attestations contain the time of the build, so they are added to the
 * published image instead.
 */
export function buildxArguments(build: ImageBuild, archive: string, builder?: string): string[] {
  return [
    'buildx',
    'build',
    ...(builder === undefined ? [] : ['--builder', builder]),
    '--tag',
    imageReference(build),
    '--output',
    `type=oci,dest=${archive},rewrite-timestamp=true`,
    '--build-arg',
    `SOURCE_DATE_EPOCH=${build.origin.committedAt}`,
    '--provenance=false',
    '--sbom=false',
    ...commonArguments(build),
    '.',
  ];
}
