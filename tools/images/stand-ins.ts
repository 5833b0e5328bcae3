import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unpackDebianPackages, type PackageSet } from '../programs/debian-packages.js';
import { progressOn } from '../programs/progress.js';
import { runProgram } from '../programs/run-program.js';
import type { BaseImage } from './base-images.js';
import type { Podman } from './podman.js';

/** Enough to pull an image over a slow connection. An unreachable registry usually fails sooner. */
const pullTimeoutMs = 180_000;

/** The npm in the stand-in for the Node image. Any npm that supports its Node will do. */
const npmVersion = '11.6.2';

/** The user database of the images: root, and the user that the service runs as. */
const users = {
  passwd: 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  group: 'root:x:0:\nnonroot:x:65532:\n',
};

type StandIn = {
  packages: PackageSet;
  /** Turns the unpacked packages into the content of the image. */
  prepare: (tree: string, image: BaseImage, work: string) => Promise<void>;
  /** Changes to the image's configuration, in podman's syntax. */
  changes: readonly string[];
};

/** How to make a stand-in for a base image, by the repository of the base image. */
const standIns: Readonly<Record<string, StandIn>> = {
  'docker.io/library/node': {
    packages: {
      release: 'host',
      packages: ['dash', 'coreutils', 'findutils', 'libstdc++6', 'base-files'],
      treatedAsInstalled: ['debconf', 'debianutils', 'dpkg', 'mawk'],
    },
    prepare: addNode,
    changes: ['ENV PATH=/usr/local/bin:/usr/bin:/bin', 'CMD ["node"]'],
  },
  'gcr.io/distroless/cc-debian12': {
    packages: {
      release: 'host',
      packages: ['libstdc++6', 'base-files', 'netbase', 'tzdata', 'ca-certificates'],
      treatedAsInstalled: ['debconf', 'mawk', 'openssl'],
    },
    prepare: makeDistroless,
    changes: [
      'USER 65532',
      'WORKDIR /home/nonroot',
      'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt',
    ],
  },
};

/**
 * Makes sure that podman has a base image. If its registry is unreachable and `mayStandIn` is true, builds a stand-in with the
 * same name from Debian and npm packages, so that the Dockerfile builds unchanged. Resolves to the origin of the image, and
 * rejects if it is not available.
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
    throw new Error(
      `Could not pull ${image.name}, and no stand-in for it is allowed or known. Check the connection to its registry.`,
      {
        cause: failure,
      },
    );
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
      await standIn.prepare(tree, image, work);
      await runProgram('tar', ['--create', '--file', archive, '--directory', tree, '.']);
      const changes = standIn.changes.flatMap((change) => ['--change', change]);
      await podman.run(['import', '--quiet', ...changes, archive, image.name]);
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Adds Node in the version of the image's tag. npm publishes the same programs as Node's own site. */
async function addNode(tree: string, image: BaseImage, work: string): Promise<void> {
  const version = /^\d+\.\d+\.\d+/.exec(image.tag)?.[0];
  if (version === undefined)
    throw new Error(`The tag of ${image.name} does not contain a full version of Node (24.1.0).`);
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

/** Bundles the certificates, which installing the package would do, and removes what the runtime image does not contain. */
async function makeDistroless(tree: string): Promise<void> {
  const certificates = join(tree, 'usr/share/ca-certificates/mozilla');
  const names = (await readdir(certificates)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(certificates, name), 'utf8')));
  await mkdir(join(tree, 'etc/ssl/certs'), { recursive: true });
  await writeFile(join(tree, 'etc/ssl/certs/ca-certificates.crt'), texts.join(''));
  for (const folder of ['usr/sbin', 'usr/share/ca-certificates', 'usr/share/man', 'usr/share/info'])
    await rm(join(tree, folder), { recursive: true, force: true });
  await mkdir(join(tree, 'home/nonroot'), { recursive: true });
  await runProgram('chown', ['65532:65532', join(tree, 'home/nonroot')]);
}
