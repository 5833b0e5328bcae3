import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Rule } from './rule-files.js';

/** The folder with the test files for promtool. */
const testFolder = import.meta.dirname;

const ending = '.test.yaml';

const alertTest = z.object({
  alertname: z.string(),
  exp_alerts: z.array(z.object({ exp_labels: z.record(z.string(), z.string()).default({}) })),
});

const fileSchema = z.object({
  tests: z.array(z.object({ name: z.string(), alert_rule_test: z.array(alertTest).default([]) })),
});

const wholeSchema = z.looseObject({ tests: z.array(z.looseObject({ name: z.string() })) });

/** An expectation of promtool: the alerts of a name that fire at one moment of a test. */
export type AlertTest = z.infer<typeof alertTest>;

/** The names of the test files, without their ending. */
export async function testFileNames(): Promise<string[]> {
  const files = await readdir(testFolder);
  return files.filter((file) => file.endsWith(ending)).map((file) => file.slice(0, -ending.length));
}

/** The text of a test file. */
export const readTestFile = (name: string): Promise<string> =>
  readFile(join(testFolder, `${name}${ending}`), 'utf8');

/** The text of a test file with only the named test. Throws if the file has no such test. */
export async function readOneTest(file: string, name: string): Promise<string> {
  const whole = wholeSchema.parse(parse(await readTestFile(file)));
  const tests = whole.tests.filter((test) => test.name === name);
  if (tests.length !== 1) throw new Error(`${file} has ${tests.length} tests “${name}”`);
  return stringify({ ...whole, tests });
}

/** The expectations about alerts in all files. */
export async function readAlertTests(): Promise<AlertTest[]> {
  const texts = await Promise.all((await testFileNames()).map(readTestFile));
  return texts
    .flatMap((text) => fileSchema.parse(parse(text)).tests)
    .flatMap(({ alert_rule_test: expectations }) => expectations);
}

/** Whether tests expect this alert to fire, and whether tests expect it to stay silent. Labels tell alerts of one name apart. */
export function coverageOf(
  rule: Rule,
  tests: readonly AlertTest[],
): { fires: boolean; staysSilent: boolean } {
  const expectations = tests.filter(({ alertname }) => alertname === rule.alert);
  const isExpected = ({ exp_alerts: expected }: AlertTest) =>
    expected.some(({ exp_labels: given }) =>
      Object.entries(rule.labels).every(([label, value]) => given[label] === value),
    );
  return {
    fires: expectations.some(isExpected),
    staysSilent: expectations.some((test) => !isExpected(test)),
  };
}
