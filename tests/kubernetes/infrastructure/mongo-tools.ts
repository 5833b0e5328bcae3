import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Writes programs called `mongodump` and `mongorestore` into the folder, which refuse the options that the real ones refuse.
 * mongo-tools takes the database from the address (common/options/options.go), and mongodump.go and mongorestore.go refuse it
 * together with the oplog. They print the address and write or read the archive.
 */
export async function placeMongoTools(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, oplogFlag, complaint, effect] of [
    ['mongodump', '--oplog', '--oplog mode only supported on full dumps', 'echo dump >"$archive"'],
    ['mongorestore', '--oplogReplay', 'cannot use --oplogReplay with includes specified', 'cat "$archive"'],
  ] as const) {
    const file = join(folder, name);
    await writeFile(
      file,
      `#!/bin/bash
set -eu
oplog=false
for argument in "$@"; do
  case $argument in
    --uri=*) uri=\${argument#--uri=} ;;
    --config=*) uri=$(sed -nE 's/^uri: "(.*)"$/\\1/p' "\${argument#--config=}") ;;
    --archive=*) archive=\${argument#--archive=} ;;
    ${oplogFlag}) oplog=true ;;
    --gzip | --drop) ;;
    *) echo "unknown option $argument" >&2; exit 1 ;;
  esac
done
[[ $uri =~ ^mongodb://[^/]+/([^?]*)(\\?.*)?$ ]] || { echo "error parsing uri $uri" >&2; exit 1; }
if $oplog && [[ -n \${BASH_REMATCH[1]} ]]; then echo "bad option: ${complaint}" >&2; exit 1; fi
echo "$uri"
${effect}
`,
    );
    await chmod(file, 0o755);
  }
}
