import { chmod, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { libraryFolder, loaderName } from '../../../programs/debian-library-folder.js';
import { asUnprivileged, runProgram } from '../../../programs/run-program.js';

/** The folder of PostgreSQL's programs, relative to the root of the unpacked packages. */
export const postgresqlBin = 'usr/lib/postgresql/18/bin';

/** Template data folders for a plain PostgreSQL and one with DocumentDB. Copying one is faster than creating it. */
export const dataTemplates = { plain: 'template', documentdb: 'template-documentdb' } as const;

const extensions = 'usr/share/postgresql/18/extension';

/** Documentation and files for compilers: half of the unpacked size. */
const unused = [
  'usr/share/doc',
  'usr/share/man',
  'usr/share/locale',
  'usr/share/perl',
  'usr/include',
  'etc',
  'var',
  'usr/lib/postgresql/18/lib/bitcode',
  'usr/lib/postgresql/18/lib/pgxs',
];

const settings = `
listen_addresses='127.0.0.1'
unix_socket_directories=''
timezone='GMT'
log_timezone='GMT'
log_min_messages='fatal'
`;

/** Without background workers, the extension's jobs would connect like a client, which requires a password file. */
const documentdbSettings = `
cron.database_name='postgres'
cron.log_run=off
cron.log_statement=off
cron.use_background_workers=on
max_worker_processes=16
shared_preload_libraries='pg_cron,pg_documentdb_core,pg_documentdb'
`;

/**
 * Prepares the unpacked packages of PostgreSQL and DocumentDB: makes the programs use the unpacked libraries, and creates the
 * template data folders.
 */
export async function preparePostgresql(tree: string): Promise<void> {
  for (const path of unused) await rm(join(tree, path), { recursive: true, force: true });
  await trimPostgis(join(tree, extensions));
  const programs = (await readdir(join(tree, postgresqlBin))).filter((name) =>
    ['postgres', 'initdb'].includes(name),
  );
  for (const program of programs) await wrapProgram(join(tree, postgresqlBin), program);
  await makeTemplate(tree, dataTemplates.plain, settings);
  await makeTemplate(tree, dataTemplates.documentdb, settings + documentdbSettings);
  const [postgres, ...args] = asUnprivileged([
    join(tree, postgresqlBin, 'postgres'),
    '--single',
    '-j',
    '-D',
    join(tree, dataTemplates.documentdb),
    'postgres',
  ]);
  await runProgram(postgres, args, { input: 'create extension documentdb cascade;\n' });
}

/** Keeps only the installation script of PostGIS' own version, and adds the link that installing the package would create. */
async function trimPostgis(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const isPostgis = /^(postgis|address_standardizer)/.test(name);
    const isKept = name === 'postgis-3.control' || /^postgis--3\.\d\.\d\.sql$/.test(name);
    if (isPostgis && !isKept) await rm(join(folder, name));
  }
  await symlink('postgis-3.control', join(folder, 'postgis.control'));
}

/** Replaces a program with a script that runs it with the unpacked libraries. PostgreSQL finds its files by argv[0]. */
async function wrapProgram(bin: string, program: string): Promise<void> {
  const path = join(bin, program);
  await rename(path, `${path}.bin`);
  const script = [
    '#!/bin/sh',
    'bin=$(dirname "$(readlink -f "$0")")',
    `libraries="$bin/../../../../../${libraryFolder()}"`,
    `exec "$libraries/${loaderName()}" --library-path "$libraries:$bin/../lib" --argv0 "$bin/${program}" "$bin/${program}.bin" "$@"`,
    '',
  ];
  await writeFile(path, script.join('\n'));
  await chmod(path, 0o755);
}

async function makeTemplate(tree: string, name: string, lines: string): Promise<void> {
  const folder = join(tree, name);
  const flags = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-instructions'];
  const [initdb, ...args] = asUnprivileged([join(tree, postgresqlBin, 'initdb'), '-D', folder, ...flags]);
  await runProgram(initdb, args);
  await writeFile(join(folder, 'postgresql.conf'), lines, { flag: 'a' });
}
