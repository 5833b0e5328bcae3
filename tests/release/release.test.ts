import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { overlayFile, type Deployed } from '../../tools/release/overlay.js';
import { openRepository } from '../../tools/release/registry.js';
import { startRegistry, type RegistryServer } from './registry-server.js';
import { setHook, setStage, tell, type Stage } from './stage.js';

let registry: RegistryServer;
let stage: Stage;

beforeAll(async () => {
  registry = await startRegistry();
  stage = await setStage(registry.host);
}, 120_000);

afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

beforeEach(() => {
  tell(`\n  ${expect.getState().currentTestName ?? ''}`);
});

/** Git has the commit, and has not asked the server for what it has. */
const beforePush = { hook: 'post-commit', is: 'about to be pushed' };

/** Git has asked the server, and has not sent anything. */
const duringPush = { hook: 'pre-push', is: 'being pushed' };

const ada = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];

const eve = ['-c', 'user.name=Eve', '-c', 'user.email=eve@example.org'];

const versionsOf = (deployed: Deployed) => Object.values(deployed).map(({ version }) => version);

/** `play`, which must leave main exactly as it is. */
async function changingNothing<T>(play: () => Promise<T>): Promise<T> {
  const before = [await stage.overlay(), await stage.commits()];
  const played = await play();
  expect([await stage.overlay(), await stage.commits()]).toEqual(before);
  return played;
}

describe('a release', () => {
  test('goes from its tag to main in one commit, which changes two tags and two digests and nothing else', async () => {
    const { release, git } = stage.workshop;
    const { tag, revision } = await stage.merge('1.0.0');
    const before = await stage.overlay();
    const commits = await stage.commits();

    expect((await release('guard', '--tag', tag)).output).toEqual({ version: '1.0.0', revision });
    const named = await release('arguments', '--tag', tag, '--image', 'storefront');
    expect(named.output['repository']).toBe(`${registry.host}/unity-purchase/storefront`);
    expect(named.output['arguments']).toMatch(
      `SERVICE=storefront\nVERSION=1.0.0\nREVISION=${revision}\nCREATED=2`,
    );
    const folder = await stage.build(tag);
    const { output } = await release('combine', '--tag', tag, '--folder', folder);
    const digests = output['digests'] ?? '';
    expect((await release('verify', '--tag', tag, '--digests', digests)).code).toBe(0);
    expect((await release('bump', '--tag', tag, '--digests', digests)).code).toBe(0);
    expect((await release('confirm')).said).toContain(`storefront:1.0.0@${digestIn(digests, 'storefront')}`);

    expect(await stage.commits()).toBe(commits + 1);
    const expected = before
      .split('\n')
      .flatMap((line) => {
        if (line !== '    newTag: 0.1.0') return [line];
        return ['    newTag: 1.0.0', '    digest: of the image'];
      })
      .join('\n');
    const after = await stage.overlay();
    expect(after.replace(/digest: sha256:[0-9a-f]{64}/g, 'digest: of the image')).toBe(expected);
    expect(after).toContain(`digest: ${digestIn(digests, 'storefront')}\n`);
    expect(after).toContain(`digest: ${digestIn(digests, 'purchase-service')}\n`);
    expect(await git('worktree', 'list')).not.toContain('\n');
  });

  test('that is deployed again changes nothing and is no failure', async () => {
    const digests = await deployedDigests();
    const again = await changingNothing(() =>
      stage.workshop.release('bump', '--tag', 'v1.0.0', '--digests', digests),
    );
    expect(again).toMatchObject({ code: 0, said: expect.stringContaining('1.0.0 is deployed already') });
  });

  test('that follows another takes its place, on the lines of the first', async () => {
    const lines = (await stage.overlay()).split('\n').length;
    const { tag, digests } = await stage.prepare('1.1.0');
    expect((await stage.workshop.release('bump', '--tag', tag, '--digests', digests)).code).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['1.1.0', '1.1.0']);
    expect((await stage.overlay()).split('\n')).toHaveLength(lines);
  });
});

describe('two releases at once', () => {
  const [newerFirst, olderFirst] = [
    'the newer one is pushed, and the older one refused',
    'the older one is pushed, and the newer one on top of it',
  ];
  test.each([
    { first: '2.1.0', second: '2.0.0', when: beforePush, outcome: newerFirst },
    { first: '2.3.0', second: '2.2.0', when: duringPush, outcome: newerFirst },
    { first: '3.0.0', second: '3.1.0', when: beforePush, outcome: olderFirst },
    { first: '3.2.0', second: '3.3.0', when: duringPush, outcome: olderFirst },
  ])('$first while $second is $when.is: $outcome', async ({ first, second, when, outcome }) => {
    const [one, other] = [await stage.prepare(first), await stage.prepare(second)];
    const another = await stage.anotherWorkshop();
    await using gate = await gateAt(when, stage.workshop.folder);
    const waiting = stage.workshop.release('bump', '--tag', other.tag, '--digests', other.digests);
    await gate.reached();
    tell(`    (${second} is ${when.is})`);
    expect((await another.release('bump', '--tag', one.tag, '--digests', one.digests)).code).toBe(0);
    await gate.open();
    const { code, said } = await waiting;
    expect(said).toContain('main has moved on meanwhile');
    expect(code).toBe(outcome === olderFirst ? 0 : 1);
    const winner = outcome === olderFirst ? second : first;
    expect(versionsOf(await stage.deployed())).toEqual([winner, winner]);
    await rm(another.folder, { recursive: true });
  });

  test('with nobody to say who is first leave the newer one deployed', async () => {
    const [one, other] = [await stage.prepare('3.4.0'), await stage.prepare('3.5.0')];
    const another = await stage.anotherWorkshop();
    const [newer] = await Promise.all([
      another.release('bump', '--tag', other.tag, '--digests', other.digests),
      stage.workshop.release('bump', '--tag', one.tag, '--digests', one.digests),
    ]);
    expect(newer.code).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['3.5.0', '3.5.0']);
    await rm(another.folder, { recursive: true });
  });

  test('one release and somebody who pushes something else: both arrive', async () => {
    const { tag, digests } = await stage.prepare('3.6.0');
    await using gate = await gateAt(beforePush, stage.workshop.folder);
    const waiting = stage.workshop.release('bump', '--tag', tag, '--digests', digests);
    await gate.reached();
    await stage.merge('3.7.0');
    await gate.open();
    expect((await waiting).code).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['3.6.0', '3.6.0']);
  });
});

describe('refused, with main as it was', () => {
  test.each(['v4.0.0-rc.1', 'v4.0.0+build.7'])('a pre-release: %s', async (tag) => {
    await stage.merge(tag.slice(1), tag);
    const { code, said } = await changingNothing(() => stage.workshop.release('guard', '--tag', tag));
    expect([code, said]).toEqual([1, expect.stringContaining('is a pre-release')]);
    const digests = await deployedDigests();
    const bump = () => stage.workshop.release('bump', '--tag', tag, '--digests', digests);
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
  ])('a hostile name: %j', async (tag) => {
    const play = () => stage.workshop.release('guard', `--tag=${tag}`);
    const { code, said } = await changingNothing(play);
    expect([code, said]).toEqual([1, expect.stringContaining('is not the name of a release')]);
    expect(said.split('\n')).toHaveLength(1);
    const digests = await deployedDigests();
    expect(
      (await changingNothing(() => stage.workshop.release('bump', `--tag=${tag}`, '--digests', digests)))
        .code,
    ).toBe(1);
    expect(await stage.workshop.git('status', '--porcelain')).toBe('');
  });

  test('a hostile name that git allows, pushed', async () => {
    const { tag } = await stage.merge('4.0.0', 'v4.0.0;$(touch${IFS}hostile)`id`"|&\'');
    const { code, said } = await changingNothing(() => stage.workshop.release('guard', '--tag', tag));
    expect([code, said]).toEqual([1, expect.stringContaining('is not the name of a release')]);
    expect(await stage.workshop.git('status', '--porcelain')).toBe('');
  });

  test('a tag of a commit that was never merged', async () => {
    const { git, release } = stage.workshop;
    await git('checkout', '--quiet', '--detach');
    await git(...eve, 'commit', '--quiet', '--allow-empty', '--message', 'x');
    await git('tag', 'v4.0.1');
    await git('push', '--quiet', 'origin', 'refs/tags/v4.0.1');
    await git('checkout', '--quiet', 'main');
    expect((await changingNothing(() => release('guard', '--tag', 'v4.0.1'))).said).toContain(
      'is not on main',
    );
  });

  test.each([
    ['that nobody pushed', 'v4.0.2', undefined, 'There is no tag v4.0.2'],
    ['that says another version than package.json', 'v4.0.3', '4.0.4', 'package.json in its commit 4.0.4'],
  ])('a tag %s', async (_what, tag, version, told) => {
    if (version !== undefined) await stage.merge(version, tag);
    else await stage.workshop.git('tag', tag);
    const { code, said } = await changingNothing(() => stage.workshop.release('guard', '--tag', tag));
    expect([code, said]).toEqual([1, expect.stringContaining(told)]);
  });

  test('a tag of a commit in which a workspace was left behind', async () => {
    await stage.merge('4.0.5', 'before-4.0.5');
    const author = await stage.anotherWorkshop();
    const file = join(author.folder, 'storefront/package.json');
    await writeFile(file, JSON.stringify({ version: '4.0.4' }));
    await author.git(...ada, 'commit', '--quiet', '--all', '--message', 'x');
    await author.git('tag', 'v4.0.5');
    await author.git('push', '--quiet', 'origin', 'main', 'refs/tags/v4.0.5');
    const { said } = await changingNothing(() => stage.workshop.release('guard', '--tag', 'v4.0.5'));
    expect(said).toContain('storefront/package.json in its commit 4.0.4');
    await rm(author.folder, { recursive: true });
  });

  test('a version without a word in the changelog', async () => {
    await stage.merge('4.1.0', 'only-for-the-changelog');
    const author = await stage.anotherWorkshop();
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
    expect((await stage.workshop.release('guard', '--tag', 'v4.1.0')).said).toContain(
      'has no section "## [4.1.0]"',
    );
    await rm(author.folder, { recursive: true });
  });

  test('an older version than the deployed one, unless it is a rollback', async () => {
    const { output } = await stage.workshop.release(
      'combine',
      '--tag',
      'v1.1.0',
      '--folder',
      'kept-as-it-is',
    );
    const play = () =>
      stage.workshop.release('bump', '--tag', 'v1.1.0', '--digests', output['digests'] ?? '');
    const { code, said } = await changingNothing(play);
    expect([code, said]).toEqual([1, expect.stringContaining('npm run release -- rollback --to 1.1.0')]);
  });

  test('images that were made of another commit', async () => {
    const { tag } = await stage.merge('4.2.0');
    const folder = await stage.build(tag, {
      labels: { 'org.opencontainers.image.revision': '0'.repeat(40) },
    });
    const { code, said } = await stage.workshop.release('combine', '--tag', tag, '--folder', folder);
    expect([code, said]).toEqual([1, expect.stringContaining('it was not made of this release')]);
  });

  test("images under each other's names", async () => {
    const { tag } = await stage.merge('4.2.1');
    const folder = await stage.build(tag, { labels: { 'org.opencontainers.image.title': 'storefront' } });
    const { code, said } = await stage.workshop.release('combine', '--tag', tag, '--folder', folder);
    expect([code, said]).toEqual([1, expect.stringContaining('title storefront, and purchase-service was')]);
  });

  test('an image for one kind of processor only', async () => {
    const { tag } = await stage.merge('4.2.2');
    const folder = await stage.build(tag);
    const part = async (image: string) =>
      `${image}=${(await readFile(join(folder, `${image}-linux-arm64`), 'utf8')).trim()}`;
    const digests = `${await part('storefront')} ${await part('purchase-service')}`;
    const { code, said } = await stage.workshop.release('verify', '--tag', tag, '--digests', digests);
    expect([code, said]).toEqual([
      1,
      expect.stringMatching(/is for linux\/arm64; it must be for linux\/amd64, /),
    ]);
  });

  test('digests that the registry does not have', async () => {
    const digests = await deployedDigests();
    const [deployed = ''] = versionsOf(await stage.deployed());
    const forged = `storefront=sha256:${'0'.repeat(64)} ${digests.split(' ')[1] ?? ''}`;
    const play = () => stage.workshop.release('bump', '--tag', `v${deployed}`, '--digests', forged);
    expect((await changingNothing(play)).said).toContain('has no sha256:0000');
  });

  test('an overlay that would run a third image', async () => {
    const { tag, digests } = await stage.prepare('4.3.0');
    const author = await stage.anotherWorkshop();
    const file = join(author.folder, 'k8s/base/storefront/deployment.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text.replace(
        /^( +)containers:\n/m,
        '$1initContainers:\n$1  - {name: third, image: docker.io/third:1}\n$1containers:\n',
      ),
    );
    const commit = [...eve, 'commit', '--quiet', '--all'];
    await author.git(...commit, '--message', 'feat: a third image');
    await author.git('push', '--quiet', 'origin', 'main');
    const play = () => stage.workshop.release('bump', '--tag', tag, '--digests', digests);
    expect((await changingNothing(play)).said).toContain('would run docker.io/third:1');
    await author.git(...ada, 'revert', '--no-edit', 'HEAD');
    await author.git('push', '--quiet', 'origin', 'main');
    expect((await play()).code).toBe(0);
    await rm(author.folder, { recursive: true });
  });
});

describe('a rollback', () => {
  test('deploys an earlier version again, with the digests that it was released with', async () => {
    const { code } = await stage.workshop.release('rollback', '--to', '1.0.0');
    expect(code).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['1.0.0', '1.0.0']);
    const { output } = await stage.workshop.release(
      'combine',
      '--tag',
      'v1.0.0',
      '--folder',
      'kept-as-it-is',
    );
    expect(await deployedDigests()).toBe(output['digests']);
  });

  test('that is done twice changes nothing the second time', async () => {
    const { code, said } = await changingNothing(() => stage.workshop.release('rollback', '--to', '1.0.0'));
    expect([code, said]).toEqual([0, expect.stringContaining('deployed already')]);
  });

  test.each([
    ['1.1.0', 'is not older than what is deployed'],
    ['0.9.0', 'was never released from main'],
    ['v1.0.0', 'is not a released version'],
    ['1.0.0"; rm -rf /', 'is not a released version'],
  ])('to %s is refused', async (version, told) => {
    const { code, said } = await changingNothing(() => stage.workshop.release('rollback', `--to=${version}`));
    expect([code, said]).toEqual([1, expect.stringContaining(told)]);
  });

  test('to a version whose tag somebody has moved to another image is refused', async () => {
    const repository = openRepository(`${registry.host}/unity-purchase/storefront`);
    const [released, other] = [await repository.manifest('1.1.0'), await repository.manifest('2.0.0')];
    if (released === undefined || other === undefined) throw new Error('1.1.0 or 2.0.0 is missing');
    const { tag, digests } = await stage.prepare('4.4.0');
    expect((await stage.workshop.release('bump', '--tag', tag, '--digests', digests)).code).toBe(0);
    await repository.putManifest('1.1.0', other.mediaType, other.bytes);
    const { code, said } = await changingNothing(() => stage.workshop.release('rollback', '--to', '1.1.0'));
    expect([code, said]).toEqual([1, expect.stringContaining('somebody has moved the tag')]);
    await repository.putManifest('1.1.0', released.mediaType, released.bytes);
    expect((await stage.workshop.release('rollback', '--to', '1.1.0')).code).toBe(0);
  });

  test('is followed by the next release as usual', async () => {
    const { tag, digests } = await stage.prepare('5.0.0');
    expect((await stage.workshop.release('bump', '--tag', tag, '--digests', digests)).code).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['5.0.0', '5.0.0']);
  });
});

describe('failed half way, and repaired by running the same again', () => {
  test('one image built, the other not: neither is published', async () => {
    const { tag } = await stage.merge('5.1.0');
    const folder = await stage.build(tag, { only: 'storefront' });
    const combine = () => stage.workshop.release('combine', '--tag', tag, '--folder', folder);
    const failed = await changingNothing(combine);
    expect([failed.code, failed.said]).toEqual([
      1,
      expect.stringMatching(/purchase-service was not built for linux\/amd64/),
    ]);
    const storefront = openRepository(`${registry.host}/unity-purchase/storefront`);
    expect(await storefront.manifest('5.1.0')).toBeUndefined();
    await stage.build(tag, { only: 'purchase-service' });
    const { output } = await combine();
    const { code } = await stage.workshop.release('bump', '--tag', tag, '--digests', output['digests'] ?? '');
    expect(code).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['5.1.0', '5.1.0']);
  });

  test('one image published, and then the registry is gone: the other follows, and the first stays as it is', async () => {
    const { tag } = await stage.merge('5.1.1');
    const folder = await stage.build(tag);
    let killed: Promise<void> | undefined;
    const untilKilled = stage.workshop.heardBy((line) => {
      if (line.endsWith(' published')) killed ??= registry.kill();
    });
    const failed = await changingNothing(() => untilKilled('combine', '--tag', tag, '--folder', folder));
    await killed;
    expect([failed.code, failed.said]).toEqual([
      1,
      expect.stringMatching(/storefront:5\.1\.1@\S+ published\n.*could not be asked/),
    ]);
    tell('    (the registry is back, and the build jobs are run again: they make other digests)');
    await registry.start();
    await stage.build(tag, { labels: { again: 'yes' } });
    const half = `storefront=${/@(sha256:\w+) published/.exec(failed.said)?.[1] ?? ''}`;
    const refused = () => stage.workshop.release('bump', '--tag', tag, '--digests', half);
    expect((await changingNothing(refused)).said).toContain('The digest of purchase-service is ""');

    const combine = () => stage.workshop.release('combine', '--tag', tag, '--folder', folder);
    const { code, said, output } = await combine();
    expect([code, said]).toEqual([
      0,
      expect.stringMatching(/storefront\S+ is there already.*kept\n.* published$/),
    ]);
    expect(output['digests']).toContain(`${half} `);
    expect((await combine()).output).toEqual(output);
    const { code: bumped } = await stage.workshop.release(
      'bump',
      '--tag',
      tag,
      '--digests',
      output['digests'] ?? '',
    );
    expect(bumped).toBe(0);
    expect(versionsOf(await stage.deployed())).toEqual(['5.1.1', '5.1.1']);
  });

  test('the registry is gone when the images are looked at', async () => {
    const { tag, digests } = await stage.prepare('5.2.0');
    const bump = () => stage.workshop.release('bump', '--tag', tag, '--digests', digests);
    await registry.kill();
    const { code, said } = await changingNothing(bump);
    expect([code, said]).toEqual([1, expect.stringContaining('Run this step again when it answers')]);
    tell('    (the registry is back)');
    await registry.start();
    expect((await bump()).code).toBe(0);
  });

  test('the server refuses the push', async () => {
    const { tag, digests } = await stage.prepare('5.3.0');
    const bump = () => stage.workshop.release('bump', '--tag', tag, '--digests', digests);
    const hook = await setHook(stage.remote, 'pre-receive', 'echo main is protected >&2; exit 1');
    const { code, said } = await changingNothing(bump);
    expect([code, said]).toEqual([1, expect.stringMatching(/could not be pushed[\s\S]*main is protected/)]);
    expect(await stage.workshop.git('worktree', 'list')).not.toContain('\n');
    await rm(hook);
    expect((await bump()).code).toBe(0);
  });

  test('the push arrives and its answer does not: it is noticed at once', async () => {
    const { tag, digests } = await stage.prepare('5.4.0');
    const hook = await setHook(stage.remote, 'post-receive', 'kill -KILL $PPID');
    const { code, said } = await stage.workshop.release('bump', '--tag', tag, '--digests', digests);
    await rm(hook);
    expect([code, said]).toEqual([0, expect.stringContaining('5.4.0 is deployed already')]);
    expect(versionsOf(await stage.deployed())).toEqual(['5.4.0', '5.4.0']);
  });

  test('what somebody has in their checkout neither gets in nor gets lost', async () => {
    const { folder, git, release } = stage.workshop;
    const { tag, digests } = await stage.prepare('5.5.0');
    const file = join(folder, overlayFile);
    await writeFile(file, '# half written\n');
    expect((await release('bump', '--tag', tag, '--digests', digests)).code).toBe(0);
    expect(await readFile(file, 'utf8')).toBe('# half written\n');
    await git('checkout', '--quiet', '--', '.');
    expect(versionsOf(await stage.deployed())).toEqual(['5.5.0', '5.5.0']);
  });
});

test.each([
  [[], 'Which step?'],
  [['pigeons'], 'There is no step "pigeons"'],
  [['bump', '--tag', 'v1.0.0'], 'bump needs --digests, or DIGESTS in the environment'],
  [['guard', '--tog', 'v1.0.0'], "Unknown option '--tog'"],
])('npm run release -- %j says how it is used', async (args, told) => {
  const { code, said } = await stage.workshop.release(...args);
  expect([code, said]).toEqual([64, expect.stringContaining(told)]);
});

function digestIn(digests: string, image: string): string {
  return new RegExp(`(?:^| )${image}=(\\S+)`).exec(digests)?.[1] ?? '';
}

async function deployedDigests(): Promise<string> {
  const pairs = Object.entries(await stage.deployed());
  return pairs.map(([name, { digest }]) => `${name}=${String(digest)}`).join(' ');
}

type Gate = AsyncDisposable & { reached: () => Promise<void>; open: () => Promise<void> };

/** Holds a checkout where one of git's hooks is run, once. */
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
