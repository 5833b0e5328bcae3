import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { upstreamFolder, type Upstream } from '@unity-purchase/tools';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Manifest } from '../rendering/render.js';
import { outlineOf } from './source-outline.js';
import { valueProblem, type ValueType } from './values.js';

/** A key of a component's metadata, as upstream's metadata.yaml describes it. */
const key = z.object({
  name: z.string(),
  required: z.boolean().nullish(),
  // "If this is empty, it's interpreted as string": component-metadata-schema.json.
  type: z.enum(['string', 'number', 'bool', 'duration', 'bytesize']).nullish(),
  allowedValues: z.array(z.string()).nullish(),
});

type Key = z.infer<typeof key>;

const metadataFile = z.object({
  type: z.string(),
  name: z.string(),
  version: z.string(),
  metadata: z.array(key).nullish(),
  authenticationProfiles: z
    .array(z.object({ title: z.string(), metadata: z.array(key).nullish() }))
    .nullish(),
  builtinAuthenticationProfiles: z
    .array(z.object({ name: z.string(), metadata: z.array(key).nullish() }))
    .nullish(),
});

/** The keys that a component reads, and its profiles: sets of keys, one of which must be complete. */
export type ComponentSchema = { keys: readonly Key[]; profiles: readonly (readonly Key[])[] };

/** A key that upstream reads without listing it in metadata.yaml, and the source that proves it. */
export type UndocumentedKey = {
  types: RegExp;
  key: Key;
  upstream: Upstream;
  file: string;
  /** A string literal in the file, or a function that it calls. */
  proof: { string: string } | { call: string };
};

const scopes = { types: /^pubsub\./, upstream: 'dapr', file: 'pkg/scopes/scopes.go' } as const;

/** Keys that all components of a kind read, or some of them. */
export const undocumentedKeys: readonly UndocumentedKey[] = [
  ...['publishingScopes', 'subscriptionScopes', 'allowedTopics', 'protectedTopics'].map((name) => ({
    ...scopes,
    key: { name },
    proof: { string: name },
  })),
  {
    types: /^pubsub\./,
    key: { name: 'consumerID' },
    upstream: 'dapr',
    file: 'pkg/runtime/processor/pubsub/pubsub.go',
    proof: { string: 'consumerID' },
  },
  // The function reads this key. The components of the other brokers do not call it.
  ...['rabbitmq', 'jetstream'].map((name) => ({
    types: new RegExp(`^pubsub\\.${name}$`),
    key: { name: 'concurrencyMode', allowedValues: ['single', 'parallel'] },
    upstream: 'dapr-components' as const,
    file: `pubsub/${name}/metadata.go`,
    proof: { call: 'pubsub.Concurrency' },
  })),
  {
    types: /^state\./,
    key: { name: 'keyPrefix' },
    upstream: 'dapr',
    file: 'pkg/components/state/state_config.go',
    proof: { string: 'keyprefix' },
  },
];

/** Whether upstream's source still contains the proof that it reads the key. */
export async function isProven({ upstream, file, proof }: UndocumentedKey): Promise<boolean> {
  const { strings, calls } = await outlineOf([join(await upstreamFolder(upstream), file)]);
  return 'call' in proof ? calls.includes(proof.call) : strings.includes(proof.string);
}

/** Ways to connect that upstream accepts without listing them in metadata.yaml. */
const undocumentedProfiles: Readonly<Record<string, readonly (readonly Key[])[]>> = {
  // state/mongodb/mongodb.go, getMongoURI: without a user name there is no authentication.
  'state.mongodb': ['host', 'server'].map((name) => [{ name, required: true }, { name: 'params' }]),
};

/** Keys in metadata.yaml that have no effect: the code reads concurrencyMode instead. */
const keysWithoutEffect: Readonly<Record<string, readonly string[]>> = {
  'pubsub.rabbitmq': ['concurrency'],
  'pubsub.jetstream': ['concurrency'],
};

export type Component = Manifest & {
  spec: {
    type: string;
    version: string;
    metadata?: {
      name: string;
      value?: unknown;
      secretKeyRef?: { name: string; key: string };
      envRef?: string;
    }[];
  };
};

export function isComponent(object: Manifest): object is Component {
  return object.kind === 'Component' && object.apiVersion.startsWith('dapr.io/');
}

const schemas = new Map<string, Promise<ComponentSchema>>();

/** Reads the schema of a type of component. Rejects for a type or version that Dapr does not have. */
export async function readComponentSchema(type: string, version: string): Promise<ComponentSchema> {
  const name = `${type} ${version}`;
  const schema = schemas.get(name) ?? componentSchema(type, version);
  schemas.set(name, schema);
  return schema;
}

async function componentSchema(type: string, version: string): Promise<ComponentSchema> {
  const folder = join(await upstreamFolder('dapr-components'), ...type.split('.'));
  // Some components keep a later version in a folder of its own.
  const file = [join(folder, version, 'metadata.yaml'), join(folder, 'metadata.yaml')].find((path) =>
    existsSync(path),
  );
  if (file === undefined) throw new Error(`Dapr has no component ${type}`);
  const described = metadataFile.parse(parse(await readFile(file, 'utf8')));
  if (`${described.type}.${described.name}` !== type || described.version !== version)
    throw new Error(
      `${file} describes ${described.type}.${described.name} ${described.version}, not ${version}`,
    );
  const common = undocumentedKeys.filter(({ types }) => types.test(type)).map((one) => one.key);
  const profiles = [
    ...(described.authenticationProfiles ?? []),
    ...(described.builtinAuthenticationProfiles ?? []),
  ].map(({ metadata }) => metadata ?? []);
  const keys = [...(described.metadata ?? []), ...common];
  return {
    keys: keys.filter(({ name }) => !keysWithoutEffect[type]?.includes(name)),
    profiles: [...profiles, ...(profiles.length > 0 ? (undocumentedProfiles[type] ?? []) : [])],
  };
}

/** Describes the problems with the metadata of a component. */
export function componentProblems(component: Component, { keys, profiles }: ComponentSchema): string[] {
  const { metadata = [] } = component.spec;
  const given = new Map(metadata.map((entry) => [entry.name, entry]));
  const textOf = (name: string): string | undefined => {
    const value = given.get(name)?.value;
    return typeof value === 'string' ? value : undefined;
  };
  const isChosen = (profile: readonly Key[]): boolean =>
    profile.every(({ name, required, allowedValues }) => {
      const value = textOf(name);
      if (!given.has(name)) return required !== true;
      return value === undefined || allowedValues == null || allowedValues.includes(value);
    });
  const chosen = profiles.filter(isChosen);
  const known = new Map([...keys, ...chosen.flat()].map((one) => [one.name, one]));
  const problems = [
    ...(profiles.length > 0 && chosen.length === 0 ? ['no authentication profile is complete'] : []),
    ...(given.size < metadata.length ? ['a key occurs twice'] : []),
    ...keys
      .filter(({ name, required }) => required === true && !given.has(name))
      .map(({ name }) => `${name} is missing`),
    ...metadata.flatMap(({ name, value }) => entryProblem(known.get(name), name, value)),
  ];
  return problems.map((problem) => `${component.metadata.name} (${component.spec.type}): ${problem}`);
}

function entryProblem(known: Key | undefined, name: string, value: unknown): string[] {
  if (known === undefined) return [`${name} is an unknown key`];
  // The value comes from a secret.
  if (value === undefined) return [];
  if (typeof value !== 'string') return [`${name}: ${JSON.stringify(value)} is not in quotes`];
  const type: ValueType = known.type ?? 'string';
  const problem = valueProblem(value, { type, allowed: known.allowedValues ?? undefined });
  return problem === undefined ? [] : [`${name}: ${problem}`];
}
