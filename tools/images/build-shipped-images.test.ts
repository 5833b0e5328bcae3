import { describe, expect, test } from '@jest/globals';
import { builderOfArchives } from './build-shipped-images.js';

/** A docker that answers so, and what was asked of it. */
function dockerWith({ driver = 'docker', store = '[[Backing Filesystem extfs]]', builders = 'default\n' }) {
  const asked: string[] = [];
  const read = (_program: string, args: readonly string[]): Promise<string> => {
    const command = args.join(' ');
    asked.push(command);
    if (command === 'buildx inspect') return Promise.resolve(`Name:   default\nDriver: ${driver}\n`);
    if (command.startsWith('info')) return Promise.resolve(store);
    return Promise.resolve(command.startsWith('buildx ls') ? builders : '');
  };
  return { read, asked };
}

describe('the builder of archives', () => {
  test.each([
    ['runs in a container', { driver: 'docker-container' }],
    ["keeps images in containerd's store", { store: '[[driver-type io.containerd.snapshotter.v1]]' }],
  ])('is the current one if it %s', async (_what, docker) => {
    const { read, asked } = dockerWith(docker);
    expect(await builderOfArchives(read)).toBeUndefined();
    expect(asked).not.toContainEqual(expect.stringContaining('create'));
  });

  test('is made once if docker cannot write archives', async () => {
    const first = dockerWith({});
    expect(await builderOfArchives(first.read)).toBe('unity-purchase');
    expect(first.asked).toContain('buildx create --name unity-purchase --driver docker-container');
    const second = dockerWith({ builders: 'default\nunity-purchase\n' });
    expect(await builderOfArchives(second.read)).toBe('unity-purchase');
    expect(second.asked).not.toContainEqual(expect.stringContaining('create'));
  });
});
