import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../../../programs/error-text.js';
import { defaultCacheRoot, installFolder } from '../../../programs/cache.js';
import { progressOn } from '../../../programs/progress.js';
import { runProgram } from '../../../programs/run-program.js';
import { versions } from '../../../programs/versions.js';

export type Kafka = {
  java: string;
  classPath: string;
  /** The class that prepares a data folder; its package has moved from release to release. */
  storageTool: string;
};

/**
 * Kafka as it is published on Maven Central, with the Java to run it: Java on the PATH or below JAVA_HOME, the jars from
 * the cache or by Maven. Rejects, saying what to do, when Java or Maven is missing or the jars cannot be had.
 */
export async function obtainKafka(cacheRoot = defaultCacheRoot()): Promise<Kafka> {
  const java = await requireJava();
  const jars = await installFolder(cacheRoot, join('kafka', versions.kafka), copyJars);
  return { java, classPath: join(jars, '*'), storageTool: 'kafka.tools.StorageTool' };
}

async function requireJava(): Promise<string> {
  const home = process.env['JAVA_HOME'];
  const java = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
  const stated = await runProgram(java, ['--version'], { timeoutMs: 30_000 }).catch((error: unknown) => {
    throw new Error(
      `Kafka needs Java ${versions.javaMinimum} or newer, and it could not be run (${errorText(error)}). ${elsewhere}`,
    );
  });
  const major = /^\S+ (\d+)/.exec(stated)?.[1] ?? '0';
  if (Number(major) < Number(versions.javaMinimum))
    throw new Error(`Kafka needs Java ${versions.javaMinimum} or newer; this is ${major}. ${elsewhere}`);
  return java;
}

const elsewhere = 'Or start Kafka in another way and name it in KAFKA_BROKERS.';

async function copyJars(folder: string): Promise<void> {
  const pom = join(folder, 'pom.xml');
  await writeFile(pom, projectXml());
  await progressOn(process.stderr).during(`Fetching Kafka ${versions.kafka} with Maven`, () =>
    runProgram('mvn', [
      ...['--quiet', '--batch-mode', '--file', pom],
      'dependency:copy-dependencies',
      ...['-DincludeScope=runtime', `-DoutputDirectory=${folder}`],
    ]).catch((error: unknown) => {
      throw new Error(`Kafka could not be fetched with Maven (${errorText(error)}). ${elsewhere}`);
    }),
  );
  const names = await readdir(folder);
  if (!names.includes(`kafka_2.13-${versions.kafka}.jar`))
    throw new Error(`Maven fetched no Kafka, only ${names.join(', ')}`);
}

/** A project that consists of its dependencies. */
function projectXml(): string {
  const dependency = (group: string, artifact: string, version: string): string =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    '<groupId>unity-purchase</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>',
    '<dependencies>',
    dependency('org.apache.kafka', 'kafka_2.13', versions.kafka),
    dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', versions.log4j),
    dependency('org.apache.logging.log4j', 'log4j-core', versions.log4j),
    '</dependencies></project>',
    '',
  ].join('\n');
}
