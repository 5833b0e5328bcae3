import { delimiter } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { startImage } from './start-image.js';

const reference = `ghcr.io/unity-purchase/storefront@sha256:${'a'.repeat(64)}`;

/** Starts the image with a `docker` that is this shell script. */
async function startWith(script: string) {
  await using folder = await temporaryFolder();
  await folder.write('docker', `#!/bin/sh\n${script}\n`, 0o755);
  await startImage(reference, { PATH: [folder.path, process.env['PATH']].join(delimiter) });
}

describe('startImage', () => {
  test('accepts an image that names its missing configuration and ends with code 78', async () => {
    await startWith(
      `case "$*" in *--read-only*${reference}) echo DAPR_HTTP_PORT: missing >&2; exit 78;; esac`,
    );
  });

  test.each([
    ['is for another processor', 'echo exec format error >&2; exit 255', 'exec format error'],
    ['lacks a module', 'echo ERR_MODULE_NOT_FOUND >&2; exit 1', 'ERR_MODULE_NOT_FOUND'],
    [
      'names its missing configuration and ends with another code',
      'echo DAPR_HTTP_PORT: missing >&2; exit 1',
      'end with code 78',
    ],
    ['ends without output', 'exit 78', 'should name DAPR_HTTP_PORT'],
    ['ends with code 0', 'exit 0', 'it ended without an error'],
  ])('rejects an image that %s', async (_image, script, message) => {
    await expect(startWith(script)).rejects.toThrow(message);
  });
});
