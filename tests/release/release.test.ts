import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { imagesFile, type DeployedImages } from '../../tools/release/deployed-images.js';
import { obtainCrane } from '../../tools/programs/registry.js';
import { runProgram } from '../../tools/programs/run-program.js';
import { installationFile } from '../../tools/release/installation.js';
import { openRepository } from '../../tools/release/registry.js';
import { startRegistry, type RegistryServer } from './registry-server.js';
import { printTranscript, setHook, setUpStage, type Stage } from './stage.js';

let registry: RegistryServer;
let stage: Stage;

beforeAll(async () => {
  registry = await startRegistry();
  stage = await setUpStage(registry.host);
}, 120_000);

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

beforeEach(() => {
  printTranscript(`\n  ${expect.getState().currentTestName ?? ''}`);
});

/** git has made the commit and has not contacted the server yet. */
const beforePush = { hook: 'post-commit', state: 'about to be pushed' };

/** git has contacted the server and has not sent anything yet. */
const duringPush = { hook: 'pre-push', state: 'being pushed' };

const ada = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];

const eve = ['-c', 'user.name=Eve', '-c', 'user.email=eve@example.org'];

const versionsOf = (deployed: DeployedImages) => Object.values(deployed).map(({ version }) => version);

/** Runs `action` and checks that it leaves main exactly as it was. */
async function changingNothing<T>(action: () => Promise<T>): Promise<T> {
  const before = [await stage.imagesText(), await stage.commits()];
  const result = await action();
  expect([await stage.imagesText(), await stage.commits()]).toEqual(before);
  return result;
}

describe('a release', () => {
  test('reaches main in one commit that changes only the tags and digests of the two images', async () => {
    const { release, git } = stage.checkout;
    const { tag, revision } = await stage.merge('1.0.0');
    const before = await stage.imagesText();
    const commits = await stage.commits();

    expect((await release('guard', '--tag', tag)).output).toEqual({ version: '1.0.0', revision });
    const described = await release('arguments', '--tag', tag, '--image', 'storefront');
    expect(described.output['repository']).toBe(`${registry.host}/unity-purchase/storefront`);
    expect(described.output['arguments']).toMatch(
      `SERVICE=storefront\nVERSION=1.0.0\nREVISION=${revision}\nCREATED=2`,
    );
    const folder = await stage.build(tag);
    const { output } = await release('combine', '--tag', tag, '--folder', folder);
    const digests = output['digests'] ?? '';
    expect((await release('verify', '--tag', tag, '--digests', digests)).code).toBe(0);
    expect((await release('bump', '--tag', tag, '--digests', digests)).code).toBe(0);
    expect((await release('confirm')).printed).toContain(
      `storefront:1.0.0@${digestIn(digests, 'storefront')}`,
    );

    expect(await stage.commits()).toBe(commits + 1);
    const expected = before
      .split('\n')
      .flatMap((line) => {
        if (line !== '    newTag: 0.1.0') return [line];
        return ['    newTag: 1.0.0', '    digest: of the image'];
      })
      .join('\n');
    const after = await stage.imagesText();
    expect(after.replace(/digest: sha256:[0-9a-f]{64}/g, 'digest: of the image')).toBe(expected);
    for (const image of ['storefront', 'purchase-service'])
      expect(after.split('\n')).toContain(`    digest: ${digestIn(digests, image)}`);
    expect(await git('worktree', 'list')).not.toContain('\n');
  });

  test('changes nothing and succeeds when it is deployed a second time', async () => {
    const digests = await deployedDigests();
    const again = await changingNothing(() =>
      stage.checkout.release('bump', '--tag', 'v1.0.0', '--digests', digests),
    );
    expect(again).toMatchObject({ code: 0, printed: expect.stringContaining('1.0.0 is already deployed') });
  });

  test('replaces the previous release without adding lines to the file of the images', async () => {
    const lines = (await stage.imagesText()).split('\n').length;
    const { tag, digests } = await stage.prepare('1.1.0');
    expect((await stage.checkout.release('bump', '--tag', tag, '--digests', digests)).code).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['1.1.0', '1.1.0']);
    expect((await stage.imagesText()).split('\n')).toHaveLength(lines);
  });
});

describe('two releases at once', () => {
  const [newerFirst, olderFirst] = [
    'the newer one is pushed, and the older one is rejected',
    'the older one is pushed, and the newer one on top of it',
  ];
  test.each([
    { first: '2.1.0', second: '2.0.0', when: beforePush, outcome: newerFirst },
    { first: '2.3.0', second: '2.2.0', when: duringPush, outcome: newerFirst },
    { first: '3.0.0', second: '3.1.0', when: beforePush, outcome: olderFirst },
    { first: '3.2.0', second: '3.3.0', when: duringPush, outcome: olderFirst },
  ])('$first while $second is $when.state: $outcome', async ({ first, second, when, outcome }) => {
    const [one, other] = [await stage.prepare(first), await stage.prepare(second)];
    const another = await stage.openAnotherCheckout();
    await using gate = await gateAt(when, stage.checkout.folder);
    const waiting = stage.checkout.release('bump', '--tag', other.tag, '--digests', other.digests);
    await gate.reached();
    printTranscript(`    (${second} is ${when.state})`);
    expect((await another.release('bump', '--tag', one.tag, '--digests', one.digests)).code).toBe(0);
    await gate.open();
    const { code, printed } = await waiting;
    expect(printed).toContain('main has changed in the meantime');
    expect(code).toBe(outcome === olderFirst ? 0 : 1);
    const winner = outcome === olderFirst ? second : first;
    expect(versionsOf(await stage.deployed())).toEqual([winner, winner]);
    await rm(another.folder, { recursive: true });
  });

  test('leave the newer one deployed when they run truly concurrently', async () => {
    const [one, other] = [await stage.prepare('3.4.0'), await stage.prepare('3.5.0')];
    const another = await stage.openAnotherCheckout();
    const [newer] = await Promise.all([
      another.release('bump', '--tag', other.tag, '--digests', other.digests),
      stage.checkout.release('bump', '--tag', one.tag, '--digests', one.digests),
    ]);
    expect(newer.code).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['3.5.0', '3.5.0']);
    await rm(another.folder, { recursive: true });
  });

  test('both reach main when one release meets an unrelated push', async () => {
    const { tag, digests } = await stage.prepare('3.6.0');
    await using gate = await gateAt(beforePush, stage.checkout.folder);
    const waiting = stage.checkout.release('bump', '--tag', tag, '--digests', digests);
    await gate.reached();
    await stage.merge('3.7.0');
    await gate.open();
    expect((await waiting).code).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['3.6.0', '3.6.0']);
  });
});

describe('a release is rejected, and main is unchanged, for', () => {
  test.each(['v4.0.0-rc.1', 'v4.0.0+build.7'])('a pre-release: %s', async (tag) => {
    await stage.merge(tag.slice(1), tag);
    const { code, printed } = await changingNothing(() => stage.checkout.release('guard', '--tag', tag));
    expect([code, printed]).toEqual([1, expect.stringContaining('is a pre-release')]);
    const digests = await deployedDigests();
    const bump = () => stage.checkout.release('bump', '--tag', tag, '--digests', digests);
    expect((await changingNothing(bump)).code).toBe(1);
  });

  test.each([
    'v1"; rm -rf "$HOME"; "',
    'v1.0.0$(touch hostile)',
    'v1.0.0`touch hostile`',
    'v1.0.0\nv9.9.9',
    'v1.0.0\n::set-output name=version::9.9.9',
    '--upload-pack=touch hostile',
    'v01.0.0',
    'v1.0',
    '1.0.0',
    'main',
    'v1.0.0^{/secret}',
  ])('a hostile tag name: %j', async (tag) => {
    const run = () => stage.checkout.release('guard', `--tag=${tag}`);
    const { code, printed } = await changingNothing(run);
    expect([code, printed]).toEqual([1, expect.stringContaining('is not the name of a release')]);
    expect(printed.split('\n')).toHaveLength(1);
    const digests = await deployedDigests();
    expect(
      (await changingNothing(() => stage.checkout.release('bump', `--tag=${tag}`, '--digests', digests)))
        .code,
    ).toBe(1);
    expect(await stage.checkout.git('status', '--porcelain')).toBe('');
  });

  test('a hostile tag name that git allows and that was pushed', async () => {
    const { tag } = await stage.merge('4.0.0', 'v4.0.0;$(touch${IFS}hostile)`id`"|&\'');
    const { code, printed } = await changingNothing(() => stage.checkout.release('guard', '--tag', tag));
    expect([code, printed]).toEqual([1, expect.stringContaining('is not the name of a release')]);
    expect(await stage.checkout.git('status', '--porcelain')).toBe('');
  });

  test('a tag of a commit that was never merged', async () => {
    const { git, release } = stage.checkout;
    await git('checkout', '--quiet', '--detach');
    await git(...eve, 'commit', '--quiet', '--allow-empty', '--message', 'x');
    await git('tag', 'v4.0.1');
    await git('push', '--quiet', 'origin', 'refs/tags/v4.0.1');
    await git('checkout', '--quiet', 'main');
    expect((await changingNothing(() => release('guard', '--tag', 'v4.0.1'))).printed).toContain(
      'is not on main',
    );
  });

  test.each([
    ['that was not pushed', 'v4.0.2', undefined, 'origin has no tag v4.0.2'],
    [
      'with another version than package.json',
      'v4.0.3',
      '4.0.4',
      'package.json in its commit has version 4.0.4',
    ],
  ])('a tag %s', async (_problem, tag, version, message) => {
    if (version !== undefined) await stage.merge(version, tag);
    else await stage.checkout.git('tag', tag);
    const { code, printed } = await changingNothing(() => stage.checkout.release('guard', '--tag', tag));
    expect([code, printed]).toEqual([1, expect.stringContaining(message)]);
  });

  test('a tag of a commit in which one workspace has another version', async () => {
    await stage.merge('4.0.5', 'before-4.0.5');
    const author = await stage.openAnotherCheckout();
    const file = join(author.folder, 'storefront/package.json');
    await writeFile(file, JSON.stringify({ version: '4.0.4' }));
    await author.git(...ada, 'commit', '--quiet', '--all', '--message', 'x');
    await author.git('tag', 'v4.0.5');
    await author.git('push', '--quiet', 'origin', 'main', 'refs/tags/v4.0.5');
    const { printed } = await changingNothing(() => stage.checkout.release('guard', '--tag', 'v4.0.5'));
    expect(printed).toContain('storefront/package.json in its commit has version 4.0.4');
    await rm(author.folder, { recursive: true });
  });

  test('a version without text in the changelog', async () => {
    await stage.merge('4.1.0', 'only-for-the-changelog');
    const author = await stage.openAnotherCheckout();
    const file = join(author.folder, 'CHANGELOG.md');
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace(
        'Better than before.\n',
        '### Added\n\n[4.1.0]: https://example.org\n',
      ),
    );
    await author.git(...ada, 'commit', '--quiet', '--all', '--message', 'x');
    await author.git('tag', 'v4.1.0');
    await author.git('push', '--quiet', 'origin', 'main', 'refs/tags/v4.1.0');
    expect((await stage.checkout.release('guard', '--tag', 'v4.1.0')).printed).toContain(
      'has no section "## [4.1.0]"',
    );
    await rm(author.folder, { recursive: true });
  });

  test('an older version than the deployed one', async () => {
    const { output } = await stage.checkout.release(
      'combine',
      '--tag',
      'v1.1.0',
      '--folder',
      'no-such-folder',
    );
    const run = () => stage.checkout.release('bump', '--tag', 'v1.1.0', '--digests', output['digests'] ?? '');
    const { code, printed } = await changingNothing(run);
    expect([code, printed]).toEqual([1, expect.stringContaining('npm run release -- rollback --to 1.1.0')]);
  });

  test('images that were built from another commit', async () => {
    const { tag } = await stage.merge('4.2.0');
    const folder = await stage.build(tag, {
      labels: { 'org.opencontainers.image.revision': '0'.repeat(40) },
    });
    const { code, printed } = await stage.checkout.release('combine', '--tag', tag, '--folder', folder);
    expect([code, printed]).toEqual([1, expect.stringContaining('it was built from something else')]);
  });

  test('an image with the title of the other image', async () => {
    const { tag } = await stage.merge('4.2.1');
    const folder = await stage.build(tag, { labels: { 'org.opencontainers.image.title': 'storefront' } });
    const { code, printed } = await stage.checkout.release('combine', '--tag', tag, '--folder', folder);
    expect([code, printed]).toEqual([
      1,
      expect.stringContaining('has the title storefront, but this release requires purchase-service'),
    ]);
  });

  test('an image for only one platform', async () => {
    const { tag } = await stage.merge('4.2.2');
    const folder = await stage.build(tag);
    const part = async (image: string) =>
      `${image}=${(await readFile(join(folder, `${image}-linux-arm64`), 'utf8')).trim()}`;
    const digests = `${await part('storefront')} ${await part('purchase-service')}`;
    const { code, printed } = await stage.checkout.release('verify', '--tag', tag, '--digests', digests);
    expect([code, printed]).toEqual([
      1,
      expect.stringMatching(/is for linux\/arm64; it must be for linux\/amd64, /),
    ]);
  });

  test('digests that the registry does not have', async () => {
    const digests = await deployedDigests();
    const [deployed = ''] = versionsOf(await stage.deployed());
    const forged = `storefront=sha256:${'0'.repeat(64)} ${digests.split(' ')[1] ?? ''}`;
    const run = () => stage.checkout.release('bump', '--tag', `v${deployed}`, '--digests', forged);
    expect((await changingNothing(run)).printed).toContain('has no sha256:0000');
  });

  test('an overlay that would run a third image', async () => {
    const { tag, digests } = await stage.prepare('4.3.0');
    const takeBack = await stage.change(
      'k8s/base/storefront/deployment.yaml',
      /^( +)containers:\n/m,
      '$1initContainers:\n$1  - {name: third, image: docker.io/third:1}\n$1containers:\n',
    );
    const run = () => stage.checkout.release('bump', '--tag', tag, '--digests', digests);
    expect((await changingNothing(run)).printed).toContain('unexpected: docker.io/third:1');
    await takeBack();
    expect((await run()).code).toBe(0);
  });

  test('a registry at which the release workflow does not sign in', async () => {
    const { tag } = await stage.merge('4.3.1');
    const takeBack = await stage.change(installationFile, /^REGISTRY=.*$/m, 'REGISTRY=registry.test/shop');
    const { code, printed } = await changingNothing(() => stage.checkout.release('guard', '--tag', tag));
    expect([code, printed]).toEqual([
      1,
      expect.stringContaining(
        `REGISTRY=registry.test/shop, but .github/workflows/release.yaml signs in at ${registry.host}`,
      ),
    ]);
    await takeBack();
    expect((await stage.checkout.release('guard', '--tag', tag)).code).toBe(0);
  });

  test('a branch of staging that no release changes: every step names it', async () => {
    const { tag, digests } = await stage.prepare('4.3.2');
    const takeBack = await stage.change(installationFile, /^BRANCH=.*$/m, 'BRANCH=trunk');
    for (const step of [
      ['guard', '--tag', tag],
      ['arguments', '--tag', tag, '--image', 'storefront'],
      ['combine', '--tag', tag, '--folder', 'no-such-folder'],
      ['verify', '--tag', tag, '--digests', digests],
      ['bump', '--tag', tag, '--digests', digests],
      ['rollback', '--to', '1.0.0'],
      ['promote'],
      ['confirm'],
    ]) {
      const { code, printed } = await changingNothing(() => stage.checkout.release(...step));
      expect([step[0], code, printed]).toEqual([step[0], 1, expect.stringContaining('BRANCH=trunk')]);
    }
    await takeBack();
    expect((await stage.checkout.release('guard', '--tag', tag)).code).toBe(0);
  });
});

describe('a rollback', () => {
  test('deploys an earlier version again, with the digests that it was released with', async () => {
    const { code } = await stage.checkout.release('rollback', '--to', '1.0.0');
    expect(code).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['1.0.0', '1.0.0']);
    const { output } = await stage.checkout.release(
      'combine',
      '--tag',
      'v1.0.0',
      '--folder',
      'no-such-folder',
    );
    expect(await deployedDigests()).toBe(output['digests']);
  });

  test('changes nothing when it is run a second time', async () => {
    const { code, printed } = await changingNothing(() =>
      stage.checkout.release('rollback', '--to', '1.0.0'),
    );
    expect([code, printed]).toEqual([0, expect.stringContaining('already deployed')]);
  });

  test.each([
    ['1.1.0', 'is not older than what is deployed'],
    ['0.9.0', 'was never released from main'],
    ['v1.0.0', 'is not a released version'],
    ['1.0.0"; rm -rf /', 'is not a released version'],
  ])('to %s is rejected', async (version, message) => {
    const { code, printed } = await changingNothing(() =>
      stage.checkout.release('rollback', `--to=${version}`),
    );
    expect([code, printed]).toEqual([1, expect.stringContaining(message)]);
  });

  test('is rejected when the tag of the version was moved to another image', async () => {
    const repository = openRepository(`${registry.host}/unity-purchase/storefront`);
    const moveTag = async (digest: string) =>
      runProgram(await obtainCrane(), ['tag', `${repository.name}@${digest}`, '1.1.0']);
    const [released, other] = [await repository.manifest('1.1.0'), await repository.manifest('2.0.0')];
    if (released === undefined || other === undefined) throw new Error('1.1.0 or 2.0.0 is missing');
    const { tag, digests } = await stage.prepare('4.4.0');
    expect((await stage.checkout.release('bump', '--tag', tag, '--digests', digests)).code).toBe(0);
    await moveTag(other.digest);
    const { code, printed } = await changingNothing(() =>
      stage.checkout.release('rollback', '--to', '1.1.0'),
    );
    expect([code, printed]).toEqual([1, expect.stringContaining('the tag was moved')]);
    await moveTag(released.digest);
    expect((await stage.checkout.release('rollback', '--to', '1.1.0')).code).toBe(0);
  });

  test('does not prevent the next release', async () => {
    const { tag, digests } = await stage.prepare('5.0.0');
    expect((await stage.checkout.release('bump', '--tag', tag, '--digests', digests)).code).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['5.0.0', '5.0.0']);
  });
});

describe('a promotion', () => {
  const promote = (...args: string[]) => stage.checkout.release('promote', ...args);
  const branch = (): Promise<string> => stage.inProduction('rev-parse', '--quiet', '--verify');
  const tree = (commit: string) => stage.checkout.git('rev-parse', `${commit}^{tree}`);

  test('gives production the files of main in one commit, and a merge to main changes nothing there', async () => {
    const { tag, digests } = await stage.prepare('5.0.1');
    expect((await stage.checkout.release('bump', '--tag', tag, '--digests', digests)).code).toBe(0);
    await expect(branch()).rejects.toThrow();
    const { code, printed } = await changingNothing(() => promote());
    expect([code, printed]).toEqual([0, expect.stringContaining('storefront:5.0.1@sha256:')]);
    const promoted = await branch();

    const { revision } = await stage.merge('5.0.2');
    expect(await branch()).toBe(promoted);
    expect((await promote()).code).toBe(0);
    await stage.checkout.git('fetch', '--quiet', 'origin');
    expect(await tree('origin/production')).toBe(await tree(revision));
    expect(await stage.checkout.git('rev-parse', 'origin/production^1')).toBe(promoted);
    expect(await stage.inProduction('show', '--no-patch', '--format=%s')).toBe(
      'chore(release): promote 5.0.1',
    );
  });

  test('changes nothing when it is run a second time', async () => {
    const before = await branch();
    expect(await promote()).toMatchObject({ code: 0, printed: expect.stringContaining('Nothing to do') });
    expect(await branch()).toBe(before);
  });

  test('takes production back to an earlier commit of main, with a new commit', async () => {
    const before = await branch();
    const earlier = await stage.checkout.git('rev-parse', 'origin/main~1');
    expect((await promote('--revision', earlier)).code).toBe(0);
    await stage.checkout.git('fetch', '--quiet', 'origin');
    expect(await tree('origin/production')).toBe(await tree(earlier));
    expect(await stage.checkout.git('rev-parse', 'origin/production^1')).toBe(before);
    expect((await promote()).code).toBe(0);
  });

  test.each([
    ['a commit that main does not have', 'origin/production', 'is not a commit of main'],
    ['something else', 'no-such-revision', 'is not a commit of main'],
    ['an option', '--all', 'is not a commit of main'],
  ])('of %s is rejected', async (_what, revision, message) => {
    const before = await branch();
    const { code, printed } = await promote(`--revision=${revision}`);
    expect([code, printed]).toEqual([1, expect.stringContaining(message)]);
    expect(await branch()).toBe(before);
  });

  test('of images that were never released is rejected', async () => {
    const [first = ''] = (await stage.checkout.git('rev-list', '--reverse', 'origin/main')).split('\n');
    const { code, printed } = await promote('--revision', first);
    expect([code, printed]).toEqual([1, expect.stringContaining('0.1.0 was never released')]);
  });

  test('takes an earlier commit although the workflows have changed since, which GitHub lets only branches that have them', async () => {
    const workflow = '.github/workflows/release.yaml';
    const earlier = await stage.checkout.git('rev-parse', 'origin/main');
    await stage.change(workflow, /^name: .*$/m, 'name: Publish');
    await stage.change('README.md', 'A shop.', 'A better shop.');
    // GitHub refuses workflows that are not on another branch with the same content.
    const hook = await setHook(
      stage.remote,
      'pre-receive',
      [
        'while read -r old new ref; do',
        '  test "$(git rev-parse "$new:.github/workflows")" = "$(git rev-parse main:.github/workflows)" || {',
        '    echo "refusing to allow a GitHub App to create or update workflow" >&2; exit 1',
        '  }',
        'done',
      ].join('\n'),
    );
    const { code, printed } = await promote('--revision', earlier);
    await rm(hook);
    expect([code, printed]).toEqual([0, expect.stringContaining(`has the files of ${earlier}`)]);
    await stage.checkout.git('fetch', '--quiet', 'origin');
    const changed = (from: string): Promise<string> =>
      stage.checkout.git('diff', '--name-only', from, 'origin/production');
    expect(await changed(earlier)).toBe(workflow);
    expect(await changed('origin/main')).toBe('README.md');
    expect(await stage.checkout.git('worktree', 'list')).not.toContain('\n');
  });

  test('of an overlay that would run a third image in production is rejected', async () => {
    const before = await branch();
    const takeBack = await stage.change(
      'k8s/overlays/prod/kustomization.yaml',
      /$/,
      [
        'patches:',
        '  - target: { kind: Deployment, name: storefront }',
        '    patch: |',
        '      - op: add',
        '        path: /spec/template/spec/initContainers',
        '        value: [{ name: third, image: docker.io/third:1 }]',
        '',
      ].join('\n'),
    );
    const { code, printed } = await promote();
    expect([code, printed]).toEqual([
      1,
      expect.stringMatching(/overlays\/prod would not run exactly[^]*unexpected: docker\.io\/third:1/),
    ]);
    expect(await branch()).toBe(before);
    await takeBack();
    expect((await promote()).code).toBe(0);
  });

  test('to the branch that staging follows is rejected', async () => {
    const takeBack = await stage.change(
      installationFile,
      /^PRODUCTION_BRANCH=.*$/m,
      'PRODUCTION_BRANCH=main',
    );
    const { code, printed } = await changingNothing(() => promote());
    expect([code, printed]).toEqual([1, expect.stringContaining('names main as PRODUCTION_BRANCH')]);
    await takeBack();
  });

  test('of two at once is rejected for the second, and succeeds when it is run again', async () => {
    await stage.change('README.md', /$/, 'Open all day.\n');
    const another = await stage.openAnotherCheckout();
    const earlier = await another.git('rev-parse', 'HEAD');
    await stage.change('README.md', /$/, 'Open all night.\n');
    await using gate = await gateAt(duringPush, stage.checkout.folder);
    const waiting = promote();
    await gate.reached();
    expect((await another.release('promote', '--revision', earlier)).code).toBe(0);
    const promoted = await branch();
    await gate.open();
    const { code, printed } = await waiting;
    expect([code, printed]).toEqual([1, expect.stringContaining('If another promotion was first')]);
    expect(await branch()).toBe(promoted);
    expect((await promote()).code).toBe(0);
    expect(await stage.inProduction('show', '--no-patch', '--format=%P')).toContain(promoted);
    await rm(another.folder, { recursive: true });
  });

  test('that the rules of the branch refuse says which identity may bypass them', async () => {
    await stage.merge('5.0.3');
    const before = await branch();
    const hook = await setHook(stage.remote, 'pre-receive', 'echo production is protected >&2; exit 1');
    const { code, printed } = await promote();
    await rm(hook);
    expect([code, printed]).toEqual([
      1,
      expect.stringMatching(/production is protected[\s\S]*RELEASE_APP_CLIENT_ID/),
    ]);
    expect(await branch()).toBe(before);
  });
});

describe('a failed release succeeds when it is run again after', () => {
  test('only one image was built: neither is published before both are', async () => {
    const { tag } = await stage.merge('5.1.0');
    const folder = await stage.build(tag, { only: 'storefront' });
    const combine = () => stage.checkout.release('combine', '--tag', tag, '--folder', folder);
    const failed = await changingNothing(combine);
    expect([failed.code, failed.printed]).toEqual([
      1,
      expect.stringMatching(/purchase-service was not built for linux\/amd64/),
    ]);
    const storefront = openRepository(`${registry.host}/unity-purchase/storefront`);
    expect(await storefront.manifest('5.1.0')).toBeUndefined();
    await stage.build(tag, { only: 'purchase-service' });
    const { output } = await combine();
    const { code } = await stage.checkout.release('bump', '--tag', tag, '--digests', output['digests'] ?? '');
    expect(code).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['5.1.0', '5.1.0']);
  });

  test('the registry failed between the two images: the first is kept and the second is published', async () => {
    const { tag } = await stage.merge('5.1.1');
    const folder = await stage.build(tag);
    let killed: Promise<void> | undefined;
    const untilKilled = stage.checkout.releaseWith((line) => {
      if (line.endsWith(' published')) killed ??= registry.kill();
    });
    const failed = await changingNothing(() => untilKilled('combine', '--tag', tag, '--folder', folder));
    await killed;
    expect([failed.code, failed.printed]).toEqual([
      1,
      expect.stringMatching(
        /storefront:5\.1\.1@\S+ published\n.*Run this step again when the registry answers/,
      ),
    ]);
    printTranscript(
      '    (the registry is running again; the build jobs run again and produce other digests)',
    );
    await registry.start();
    await stage.build(tag, { labels: { again: 'yes' } });
    const half = `storefront=${/@(sha256:\w+) published/.exec(failed.printed)?.[1] ?? ''}`;
    const refused = () => stage.checkout.release('bump', '--tag', tag, '--digests', half);
    expect((await changingNothing(refused)).printed).toContain('"" is not a digest of purchase-service');

    const combine = () => stage.checkout.release('combine', '--tag', tag, '--folder', folder);
    const { code, printed, output } = await combine();
    expect([code, printed]).toEqual([
      0,
      expect.stringMatching(/storefront\S+ exists already.*kept\n.* published$/),
    ]);
    expect(output['digests']).toContain(`${half} `);
    expect((await combine()).output).toEqual(output);
    const { code: bumped } = await stage.checkout.release(
      'bump',
      '--tag',
      tag,
      '--digests',
      output['digests'] ?? '',
    );
    expect(bumped).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['5.1.1', '5.1.1']);
  });

  test('the registry failed during the check of the images', async () => {
    const { tag, digests } = await stage.prepare('5.2.0');
    const bump = () => stage.checkout.release('bump', '--tag', tag, '--digests', digests);
    await registry.kill();
    const { code, printed } = await changingNothing(bump);
    expect([code, printed]).toEqual([
      1,
      expect.stringContaining('Run this step again when the registry answers'),
    ]);
    printTranscript('    (the registry is running again)');
    await registry.start();
    expect((await bump()).code).toBe(0);
  });

  test('the server rejected the push', async () => {
    const { tag, digests } = await stage.prepare('5.3.0');
    const bump = () => stage.checkout.release('bump', '--tag', tag, '--digests', digests);
    const hook = await setHook(stage.remote, 'pre-receive', 'echo main is protected >&2; exit 1');
    const { code, printed } = await changingNothing(bump);
    expect([code, printed]).toEqual([
      1,
      expect.stringMatching(/Could not push to main[\s\S]*main is protected[\s\S]*RELEASE_APP_CLIENT_ID/),
    ]);
    expect(await stage.checkout.git('worktree', 'list')).not.toContain('\n');
    await rm(hook);
    expect((await bump()).code).toBe(0);
  });

  test('the answer to a successful push was lost, even within the same run', async () => {
    const { tag, digests } = await stage.prepare('5.4.0');
    const hook = await setHook(stage.remote, 'post-receive', 'kill -KILL $PPID');
    const { code, printed } = await stage.checkout.release('bump', '--tag', tag, '--digests', digests);
    await rm(hook);
    expect([code, printed]).toEqual([0, expect.stringContaining('5.4.0 is already deployed')]);
    expect(versionsOf(await stage.deployed())).toEqual(['5.4.0', '5.4.0']);
  });

  test('a change in the checkout was not committed: it is neither released nor lost', async () => {
    const { folder, git, release } = stage.checkout;
    const { tag, digests } = await stage.prepare('5.5.0');
    const file = join(folder, imagesFile);
    await writeFile(file, '# half written\n');
    expect((await release('bump', '--tag', tag, '--digests', digests)).code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe('# half written\n');
    await git('checkout', '--quiet', '--', '.');
    expect(versionsOf(await stage.deployed())).toEqual(['5.5.0', '5.5.0']);
  });
});

test.each([
  [[], 'No step was given'],
  [['pigeons'], '"pigeons" is not a step'],
  [['bump', '--tag', 'v1.0.0'], 'bump needs --digests, or DIGESTS in the environment'],
  [['guard', '--tog', 'v1.0.0'], "Unknown option '--tog'"],
])('npm run release -- %j explains the mistake', async (args, message) => {
  const { code, printed } = await stage.checkout.release(...args);
  expect([code, printed]).toEqual([64, expect.stringContaining(message)]);
});

function digestIn(digests: string, image: string): string {
  return new RegExp(`(?:^| )${image}=(\\S+)`).exec(digests)?.[1] ?? '';
}

async function deployedDigests(): Promise<string> {
  const pairs = Object.entries(await stage.deployed());
  return pairs.map(([name, { digest }]) => `${name}=${String(digest)}`).join(' ');
}

type Gate = AsyncDisposable & { reached: () => Promise<void>; open: () => Promise<void> };

/** Pauses git in a checkout at one of its hooks, once. */
async function gateAt({ hook: name }: { hook: string }, checkout: string): Promise<Gate> {
  const [here, further] = [join(checkout, '.git/here'), join(checkout, '.git/further')];
  await promisify(execFile)('mkfifo', [here, further]);
  const hook = await setHook(
    join(checkout, '.git'),
    name,
    `rm -- "$0"\necho here > '${here}'\nread -r line < '${further}'`,
  );
  return {
    reached: async () => {
      await readFile(here);
    },
    open: async () => writeFile(further, 'go\n'),
    [Symbol.asyncDispose]: async () => {
      for (const file of [hook, here, further]) await rm(file, { force: true });
    },
  };
}
