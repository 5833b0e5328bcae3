/** Three numbers without leading zeros. A pre-release (`1.2.0-rc.1`) is not deployed. */
const releaseVersion = /^(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){2}$/;

/** Whether a text is exactly a version that may be released. */
export function isReleaseVersion(text: string): boolean {
  return releaseVersion.test(text);
}

/** The version in a tag: `1.2.0` for `v1.2.0`. Throws with the reason for any other text. */
export function versionOfTag(tag: string): string {
  const version = tag.startsWith('v') ? tag.slice(1) : '';
  if (isReleaseVersion(version)) return version;
  // As JSON, because a tag may contain line breaks and control characters.
  const quoted = JSON.stringify(tag);
  if (/^v\d+\.\d+\.\d+[-+][\w.+-]+$/.test(tag))
    throw new Error(
      `The tag ${quoted} is a pre-release, and pre-releases are not deployed. Release the version without its suffix, ` +
        'or mark it as a pre-release on GitHub, which starts no workflow.',
    );
  throw new Error(
    `The tag ${quoted} is not the name of a release. A release is named v and three numbers, for example v1.2.0.`,
  );
}

/** Compares two released versions. Negative if the first is older, zero if they are equal. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((version) => version.split('.').map(Number));
  for (const place of [0, 1, 2]) {
    const difference = (left?.[place] ?? 0) - (right?.[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
