import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { upstreamFolder } from '@unity-purchase/tools';
import { z } from 'zod';
import type { Scaler as BrokerScaler } from '../brokers/cluster-broker.js';
import { clusterBrokers } from '../brokers/cluster-brokers.js';
import type { Manifest } from '../rendering/render.js';
import { outlineOf } from './source-outline.js';
import { valueProblem, type ValueType } from './values.js';

/** KEDA's schema of its scalers' parameters. The API server accepts unknown keys, and KEDA then uses a default. */
const schemaFile = z.object({
  scalers: z.array(
    z.object({
      type: z.string(),
      parameters: z.array(
        z.object({
          name: z.string(),
          optional: z.boolean().optional(),
          default: z.string().optional(),
          allowedValue: z.array(z.string()).optional(),
          metadataVariableReadable: z.boolean().optional(),
          envVariableReadable: z.boolean().optional(),
          triggerAuthenticationVariableReadable: z.boolean().optional(),
        }),
      ),
    }),
  ),
});

type Parameter = z.infer<typeof schemaFile>['scalers'][number]['parameters'][number] & { type: ValueType };

/** The parameters that a scaler reads, by name. */
export type Scaler = {
  parameters: ReadonlyMap<string, Parameter>;
  /** Sets of parameters, one of which must be complete. */
  oneOf: readonly (readonly string[])[];
};

/** The scalers that we use. */
const scalersInUse: readonly Pick<BrokerScaler, 'type' | 'sources' | 'allowedValues' | 'oneOf'>[] = [
  { type: 'prometheus', sources: ['prometheus_scaler.go'] },
  ...Object.values(clusterBrokers).map(({ scaler }) => scaler),
];

/**
 * Reads the scalers from KEDA's schema, and the types of their parameters from KEDA's source, because the schema declares
 * every type as a string. Rejects if KEDA lacks one of the scalers or types.
 */
export async function readScalers(): Promise<ReadonlyMap<string, Scaler>> {
  const keda = await upstreamFolder('keda');
  const file = join(keda, 'schema/generated/scalers-schema.json');
  const { scalers } = schemaFile.parse(JSON.parse(await readFile(file, 'utf8')));
  const read = scalersInUse.map(
    async ({ type, sources, allowedValues = {}, oneOf = [] }): Promise<[string, Scaler]> => {
      const scaler = scalers.find((one) => one.type === type);
      if (scaler === undefined) throw new Error(`KEDA has no scaler ${type}`);
      const types = await parameterTypes(sources.map((name) => join(keda, 'pkg/scalers', name)));
      const parameters = scaler.parameters.map((parameter): [string, Parameter] => {
        const { name, allowedValue = allowedValues[name] } = parameter;
        const valueType = types.get(name);
        if (valueType === undefined) throw new Error(`KEDA’s ${sources.join(' and ')} lack ${name}`);
        return [name, { ...parameter, type: valueType, ...(allowedValue && { allowedValue }) }];
      });
      return [type, { parameters: new Map(parameters), oneOf }];
    },
  );
  return new Map(await Promise.all(read));
}

/** The types of parameters by name, from fields such as LagThreshold int64 `keda:"name=lagThreshold;lag,order=…"`. */
async function parameterTypes(files: readonly string[]): Promise<Map<string, ValueType>> {
  const { fields } = await outlineOf(files, { tag: 'keda' });
  return new Map(
    fields.flatMap(({ tag, type }) => {
      const option = tag.split(',').find((part) => part.startsWith('name='));
      const names = option?.slice('name='.length).split(';') ?? [];
      return names.map((name): [string, ValueType] => [name.trim(), valueTypeOf(type)]);
    }),
  );
}

function valueTypeOf(goType: string): ValueType {
  if (goType === 'bool') return 'bool';
  if (/^(int|float|uint)\d*$/.test(goType)) return 'number';
  return goType === 'time.Duration' ? 'duration' : 'string';
}

export type Trigger = {
  type: string;
  metadata: Record<string, string>;
  authenticationRef?: { name: string };
};

export type ScaledObject = Manifest & { spec: { triggers: Trigger[] } };

type Authentication = Manifest & {
  spec: {
    secretTargetRef?: { parameter: string }[];
    configMapTargetRef?: { parameter: string }[];
    env?: { parameter: string }[];
  };
};

/** Describes the problems with the triggers of all ScaledObjects in a render, and with their authentication. */
export function triggerProblems(
  objects: readonly Manifest[],
  scalers: ReadonlyMap<string, Scaler>,
): string[] {
  return objects
    .filter((object): object is ScaledObject => object.kind === 'ScaledObject')
    .flatMap((scaledObject) =>
      scaledObject.spec.triggers.flatMap((trigger) => {
        const { authenticationRef: reference } = trigger;
        const authentication = objects.find(
          (object): object is Authentication =>
            object.kind === 'TriggerAuthentication' && object.metadata.name === reference?.name,
        );
        const name = `${scaledObject.metadata.name} (${trigger.type})`;
        if (reference !== undefined && authentication === undefined)
          return [`${name}: no TriggerAuthentication ${reference.name}`];
        return problemsOf(trigger, authentication, scalers).map((problem) => `${name}: ${problem}`);
      }),
    );
}

function problemsOf(
  { type, metadata }: Trigger,
  authentication: Authentication | undefined,
  scalers: ReadonlyMap<string, Scaler>,
): string[] {
  const scaler = scalers.get(type);
  if (scaler === undefined) return ['unknown scaler'];
  const authenticated = parametersOf(authentication);
  const isGiven = (name: string): boolean =>
    name in metadata || `${name}FromEnv` in metadata || authenticated.includes(name);
  return [
    ...Object.entries(metadata).flatMap(([key, value]) => metadataProblem(scaler, key, value)),
    ...authenticated
      .filter((name) => scaler.parameters.get(name)?.triggerAuthenticationVariableReadable !== true)
      .map((name) => `${name} is not read from a TriggerAuthentication`),
    ...[...scaler.parameters.values()]
      .filter((parameter) => isRequired(scaler, parameter) && !isGiven(parameter.name))
      .map(({ name }) => `${name} is missing`),
    ...(scaler.oneOf.length === 0 || scaler.oneOf.some((names) => names.every(isGiven))
      ? []
      : [`needs one of ${scaler.oneOf.map((names) => names.join(' and ')).join(', ')}`]),
  ];
}

function parametersOf(authentication: Authentication | undefined): string[] {
  const { secretTargetRef = [], configMapTargetRef = [], env = [] } = authentication?.spec ?? {};
  return [...secretTargetRef, ...configMapTargetRef, ...env].map(({ parameter }) => parameter);
}

function metadataProblem(scaler: Scaler, key: string, value: string): string[] {
  const parameter = scaler.parameters.get(key);
  if (parameter === undefined) {
    const fromEnvironment = scaler.parameters.get(key.replace(/FromEnv$/, ''));
    if (fromEnvironment?.envVariableReadable === true) return [];
    return [`${key} is an unknown key`];
  }
  if (parameter.metadataVariableReadable !== true) return [`${key} is not read from a trigger's metadata`];
  const problem = valueProblem(value, { type: parameter.type, allowed: parameter.allowedValue });
  return problem === undefined ? [] : [`${key}: ${problem}`];
}

function isRequired({ oneOf }: Scaler, parameter: Parameter): boolean {
  // The scaler's Validate requires one of the sets, and the other fields of the struct are optional.
  if (oneOf.length > 0 && parameter.triggerAuthenticationVariableReadable === true) return false;
  return parameter.optional !== true && parameter.default === undefined;
}
