import { chmod, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asUnprivileged } from './unprivileged.js';
import { libraryFolder, loaderName } from './debian-library-folder.js';
import { runProgram } from './run-program.js';

/** Where PostgreSQL's programs are below the root of its unpacked packages. */
export const postgresqlBin = 'usr/lib/postgresql/18/bin';

/** Data folders to copy: of a plain PostgreSQL, and of one with DocumentDB in it. Making one takes seconds. */
export const dataTemplates = { plain: 'template', documentdb: 'template-documentdb' } as const;

const extensions = 'usr/share/postgresql/18/extension';

/** Half of what the packages unpack to is for people and compilers. */
const unused = [
  ...['usr/share/doc', 'usr/share/man', 'usr/share/locale', 'usr/share/perl', 'usr/include', 'etc', 'var'],
  ...['usr/lib/postgresql/18/lib/bitcode', 'usr/lib/postgresql/18/lib/pgxs'],
];

const settings = `
listen_addresses='127.0.0.1'
unix_socket_directories=''
timezone='GMT'
log_timezone='GMT'
log_min_messages='fatal'
`;

/** Without background workers the extension's jobs would connect as another client, which needs a password file. */
const documentdbSettings = `
cron.database_name='postgres'
cron.log_run=off
cron.log_statement=off
cron.use_background_workers=on
max_worker_processes=16
shared_preload_libraries='pg_cron,pg_documentdb_core,pg_documentdb'
`;

/**
 * Makes unpacked packages of PostgreSQL and DocumentDB usable where they are: programs that run with their own libraries,
 * and template data folders.
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
    ...['--single', '-j', '-D', join(tree, dataTemplates.documentdb), 'postgres'],
  ]);
  await runProgram(postgres, args, { input: 'create extension documentdb cascade;\n' });
}

/** Of PostGIS only the newest version is installed, and Debian names it in a script that was not run. */
async function trimPostgis(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const isPostgis = /^(postgis|address_standardizer)/.test(name);
    const isNeeded = name === 'postgis-3.control' || /^postgis--3\.\d\.\d\.sql$/.test(name);
    if (isPostgis && !isNeeded) await rm(join(folder, name));
  }
  await symlink('postgis-3.control', join(folder, 'postgis.control'));
}

/** PostgreSQL finds its own files by the name it was started under. */
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
