import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { eventContractVersion, purchasePlacedType } from '../purchase-placed.js';
import { samples } from './samples.js';
import { unreadable, type JsonSchema } from './unreadable.js';
import { readerOf, schemaOf, wireSchemas, type WireName } from './wire-schemas.js';

const folder = new URL('../../releases/', import.meta.url);
const releases = readdirSync(folder);
const names = Object.keys(wireSchemas) as WireName[];

const read = (path: string): unknown => JSON.parse(readFileSync(new URL(path, folder), 'utf8'));

type Case = { version: string; name: WireName; then: JsonSchema; written: unknown[] };

const cases: Case[] = releases.flatMap((version) => {
  const schemas = read(`${version}/schemas.json`) as Record<string, JsonSchema>;
  const written = read(`${version}/samples.json`) as Record<string, unknown[]>;
  return names
    .filter((name) => schemas[name] !== undefined)
    .map((name) => ({ version, name, then: schemas[name] ?? {}, written: written[name] ?? [] }));
});

/** What a release cannot read although it is written now, with the reason why that is acceptable. */
const acceptedDifferences: Readonly<Record<string, { pattern: RegExp; why: string }[]>> = {
  '0.1.0': [
    {
      pattern: /^\$\.(months\[\]\.)?totals\.sums\.\* is string, not integer/,
      why: 'A sum beyond 2^53 - 1 is a string of digits. 0.1.0 gets an error for such a log from every version.',
    },
  ],
};

/** The version that an event schema needs after a release: unchanged for the same schema, otherwise a later minor version. */
function versionAfter(version: string, then: JsonSchema | undefined, now: JsonSchema): string {
  if (JSON.stringify(then) === JSON.stringify(now)) return version;
  const [major, minor] = version.split('.').map(Number);
  const [majorNow, minorNow] = eventContractVersion.split('.').map(Number);
  const isLater = majorNow === major && (minorNow ?? 0) > (minor ?? 0);
  return isLater ? eventContractVersion : `${major ?? 0}.${(minor ?? 0) + 1}.0`;
}

describe('compatibility of old and new versions during a rollout', () => {
  test('the formats of the current version are frozen (npm run contracts:freeze), and no format of a release is missing', () => {
    const project = JSON.parse(
      readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8'),
    ) as {
      version: string;
    };
    expect(releases).toContain(project.version);
    for (const version of releases)
      expect(names).toEqual(expect.arrayContaining(Object.keys(read(`${version}/schemas.json`) as object)));
  });

  test.each(releases)('the version of the event contract reflects the changes since %s', (version) => {
    const { events } = read(`${version}/contract.json`) as { events: string };
    const then = (read(`${version}/schemas.json`) as Record<string, JsonSchema>)[purchasePlacedType];
    expect(versionAfter(events, then, readerOf(schemaOf(purchasePlacedType)))).toBe(eventContractVersion);
  });

  test('an event with a new field needs a later version, and an unchanged event keeps its version', () => {
    const then = readerOf(schemaOf(purchasePlacedType));
    const more: JsonSchema = { ...then, properties: { ...then.properties, gift: { type: 'boolean' } } };
    expect(versionAfter('1.3.2', then, then)).toBe('1.3.2');
    expect(versionAfter('1.3.2', then, more)).not.toBe('1.3.2');
  });

  test.each<Case>(cases)('$version can read $name as it is written now', ({ version, name, then }) => {
    const isAccepted = (difference: string) =>
      acceptedDifferences[version]?.some(({ pattern }) => pattern.test(difference)) === true;
    const differences = unreadable(readerOf(schemaOf(name)), then);
    expect(differences.filter((difference) => !isAccepted(difference))).toEqual([]);
  });

  test.each<Case>(cases)('$name can be read as $version wrote it', ({ name, then, written }) => {
    expect(unreadable(then, readerOf(schemaOf(name)))).toEqual([]);
    expect(written).not.toEqual([]);
    for (const value of written) expect(schemaOf(name).safeParse(value).error).toBeUndefined();
  });

  test.each(names)('a reader of %s ignores fields that it does not know', (name) => {
    for (const value of samples[name])
      expect(schemaOf(name).safeParse({ ...value, comesLater: true }).error).toBeUndefined();
  });
});
