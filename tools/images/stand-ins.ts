import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackDebianPackages, type PackageSet } from '../programs/debian-packages.js';
import { progressOn } from '../programs/progress.js';
import { runProgram } from '../programs/run-program.js';
import type { BaseImage } from './base-images.js';
import type { Podman } from './podman.js';

/** Registries that are there answer at once; pulling itself takes no longer than this on a slow line. */
const pullTimeoutMs = 180_000;

/** What the image of Node brings along besides Node: any npm that its Node can run. */
const npmVersion = '11.6.2';

/** Who the image of the run time lets nobody but run things. */
const users = {
  passwd: 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  group: 'root:x:0:\nnonroot:x:65532:\n',
};

type StandIn = {
  packages: PackageSet;
  /** Makes of the packages what the image is. */
  finish: (tree: string, image: BaseImage, work: string) => Promise<void>;
  /** Changes of the image's configuration, as podman takes them. */
  changes: readonly string[];
};

/** How an image is made that will do in place of another one, by the other's name. */
const standIns: Readonly<Record<string, StandIn>> = {
  'docker.io/library/node': {
    packages: {
      release: 'host',
      roots: ['dash', 'coreutils', 'findutils', 'libstdc++6', 'base-files'],
      follow: /^lib/,
      leave: /^$/,
    },
    finish: addNode,
    changes: ['ENV PATH=/usr/local/bin:/usr/bin:/bin', 'CMD ["node"]'],
  },
  'gcr.io/distroless/cc-debian12': {
    packages: {
      release: 'host',
      roots: ['libstdc++6', 'base-files', 'netbase', 'tzdata', 'ca-certificates'],
      follow: /^lib(c6|gcc-s1|ssl3|crypt1)$/,
      leave: /^$/,
    },
    finish: asDistroless,
    changes: [
      'USER 65532',
      'WORKDIR /home/nonroot',
      'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt',
    ],
  },
};

/**
 * Makes sure that podman has a base image: from its registry, or else, where that will do, one that was made here of Debian's and
 * npm's packages and has its name, so that a Dockerfile builds as it is. Resolves to which of the two. Rejects where neither can
 * be had.
 */
export async function requireBaseImage(
  podman: Podman,
  image: BaseImage,
  mayStandIn: boolean,
): Promise<'from its registry' | 'a stand-in'> {
  const failure = await podman.run(['pull', '--quiet', image.name], { timeoutMs: pullTimeoutMs }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (failure === undefined) return 'from its registry';
  const standIn = mayStandIn ? standIns[image.repository] : undefined;
  if (standIn === undefined)
    throw new Error(`${image.name} could not be pulled, and nothing may stand in for it.`, {
      cause: failure,
    });
  if (!(await podman.succeeds(['image', 'exists', image.name]))) await makeStandIn(podman, image, standIn);
  return 'a stand-in';
}

async function makeStandIn(podman: Podman, image: BaseImage, standIn: StandIn): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'unity-purchase-image-'));
  try {
    const tree = join(work, 'tree');
    const archive = join(work, 'tree.tar');
    await mkdir(tree);
    await progressOn(process.stderr).during(`Making a stand-in for ${image.name}`, async () => {
      await unpackDebianPackages(standIn.packages, tree);
      await rm(join(tree, 'packages.txt'));
      for (const folder of ['tmp', 'root', 'proc', 'sys', 'dev'])
        await mkdir(join(tree, folder), { recursive: true });
      await chmod(join(tree, 'tmp'), 0o1777);
      for (const [file, text] of Object.entries(users)) await writeFile(join(tree, 'etc', file), text);
      await standIn.finish(tree, image, work);
      await runProgram('tar', ['--create', '--file', archive, '--directory', tree, '.']);
      const changes = standIn.changes.flatMap((change) => ['--change', change]);
      await podman.run(['import', '--quiet', ...changes, archive, image.name]);
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Node of the version that the tag says, from npm, which has the very programs that Node's own site has. */
async function addNode(tree: string, image: BaseImage, work: string): Promise<void> {
  const version = /^\d+\.\d+\.\d+/.exec(image.tag)?.[0];
  if (version === undefined) throw new Error(`${image.name} does not say the whole version of Node.`);
  const node = await unpackFromNpm(`node-linux-${process.arch}@${version}`, join(work, 'node'));
  const npm = await unpackFromNpm(`npm@${npmVersion}`, join(work, 'npm'));
  const local = join(tree, 'usr/local');
  await mkdir(join(local, 'bin'), { recursive: true });
  await cp(join(node, 'bin/node'), join(local, 'bin/node'));
  await cp(npm, join(local, 'lib/node_modules/npm'), { recursive: true });
  for (const program of ['npm', 'npx'])
    await symlink(`../lib/node_modules/npm/bin/${program}-cli.js`, join(local, 'bin', program));
}

async function unpackFromNpm(spec: string, folder: string): Promise<string> {
  await mkdir(folder);
  const packed = await runProgram('npm', ['pack', '--silent', spec], { cwd: folder });
  await runProgram('tar', ['--extract', '--gzip', '--file', packed.trim()], { cwd: folder });
  return join(folder, 'package');
}

/** Without what only those need who look around in it. Packages leave it to their installation to put certificates together. */
async function asDistroless(tree: string): Promise<void> {
  const certificates = join(tree, 'usr/share/ca-certificates/mozilla');
  const names = (await readdir(certificates)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(certificates, name), 'utf8')));
  await mkdir(join(tree, 'etc/ssl/certs'), { recursive: true });
  await writeFile(join(tree, 'etc/ssl/certs/ca-certificates.crt'), texts.join(''));
  for (const unwanted of ['usr/sbin', 'usr/share/ca-certificates', 'usr/share/man', 'usr/share/info'])
    await rm(join(tree, unwanted), { recursive: true, force: true });
  await mkdir(join(tree, 'home/nonroot'), { recursive: true });
  await runProgram('chown', ['65532:65532', join(tree, 'home/nonroot')]);
}
