import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '../project-root.js';
import { baseImagesIn, readBaseImages } from './base-images.js';

describe('baseImagesIn', () => {
  test('returns each image that a stage is based on once, and no stages', () => {
    const dockerfile = [
      'FROM registry:5000/tools/node:24.1.0-slim AS node',
      'FROM --platform=$BUILDPLATFORM registry:5000/tools/node:24.1.0-slim AS build',
      'FROM build AS more',
      'FROM example.org/base:nonroot@sha256:0a1b',
    ].join('\n');
    expect(baseImagesIn(dockerfile)).toEqual([
      {
        name: 'registry:5000/tools/node:24.1.0-slim',
        repository: 'registry:5000/tools/node',
        tag: '24.1.0-slim',
      },
      { name: 'example.org/base:nonroot@sha256:0a1b', repository: 'example.org/base', tag: 'nonroot' },
    ]);
  });

  test('finds a registry and a tag for each image of the Dockerfile', async () => {
    const images = await readBaseImages(projectRoot);
    expect(images.length).toBeGreaterThan(1);
    for (const { repository, tag } of images) {
      expect(repository).toMatch(/^[a-z]+\.[a-z]+\//);
      expect(tag).not.toMatch(/^(latest)?$/);
    }
  });
});
