/** What may be released: three numbers without leading zeros. A pre-release (`1.2.0-rc.1`) is for trying, not for the cluster. */
const releaseVersion = /^(?:0|[1-9]\d{0,5})(?:\.(?:0|[1-9]\d{0,5})){2}$/;

/** Whether a text is a version that may be released, and nothing more than that. */
export function isReleaseVersion(text: string): boolean {
  return releaseVersion.test(text);
}

/** The version that a tag names: `1.2.0` of `v1.2.0`. Throws, saying what is wrong, for everything else. */
export function versionOfTag(tag: string): string {
  const version = tag.startsWith('v') ? tag.slice(1) : '';
  if (isReleaseVersion(version)) return version;
  // As JSON, because a tag may hold anything: what moves a terminal's cursor, or starts a line of its own in a log.
  const said = JSON.stringify(tag);
  if (/^v\d+\.\d+\.\d+[-+][\w.+-]+$/.test(tag))
    throw new Error(
      `The tag ${said} is a pre-release: those are not deployed. Release the version without its suffix, or mark it as a ` +
        'pre-release on GitHub, which starts nothing.',
    );
  throw new Error(
    `The tag ${said} is not the name of a release. One is called v1.2.0: a v and three numbers.`,
  );
}

/** Below zero when the first is the older one, zero for the same. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((version) => version.split('.').map(Number));
  for (const place of [0, 1, 2]) {
    const difference = (left?.[place] ?? 0) - (right?.[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
