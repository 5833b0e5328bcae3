import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText } from '../../../programs/error-text.js';
import { defaultCacheRoot, installFolder } from '../../../programs/cache.js';
import { progressOn } from '../../../programs/progress.js';
import { runProgram } from '../../../programs/run-program.js';
import { versions } from '../../../programs/versions.js';

/** What it takes to run Kafka. */
export type Kafka = {
  /** The path of the Java program. */
  java: string;
  classPath: string;
  /** The class that prepares a data folder. Its package has changed between releases. */
  storageTool: string;
};

/**
 * Obtains Kafka's jars from the cache, or with Maven from Maven Central, and finds Java in JAVA_HOME or on the PATH. Rejects
 * with what to do when Java or Maven is missing or the jars cannot be downloaded.
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
      `Kafka needs Java ${versions.javaMinimum} or newer. Java did not run: ${errorText(error)}. ${elsewhere}`,
    );
  });
  const major = /^\S+ (\d+)/.exec(stated)?.[1] ?? '0';
  if (Number(major) < Number(versions.javaMinimum))
    throw new Error(`Kafka needs Java ${versions.javaMinimum} or newer. This is Java ${major}. ${elsewhere}`);
  return java;
}

const elsewhere = 'Install it, or start Kafka elsewhere and set KAFKA_BROKERS to its address.';

async function copyJars(folder: string): Promise<void> {
  const pom = join(folder, 'pom.xml');
  await writeFile(pom, projectXml());
  await progressOn(process.stderr).during(`Downloading Kafka ${versions.kafka} with Maven`, () =>
    runProgram('mvn', [
      '--quiet',
      '--batch-mode',
      '--file',
      pom,
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${folder}`,
    ]).catch((error: unknown) => {
      throw new Error(`Maven could not download Kafka: ${errorText(error)}. ${elsewhere}`);
    }),
  );
  const names = await readdir(folder);
  if (!names.includes(`kafka_2.13-${versions.kafka}.jar`))
    throw new Error(`Maven downloaded no Kafka, only ${names.join(', ')}`);
}

/** A Maven project without sources. It only lists the jars to download. */
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
