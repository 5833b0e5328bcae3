import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { obtainKedaParameters, runProgram, upstreamFolder } from '@unity-purchase/tools';
import { z } from 'zod';
import { valueProblem, type ValueType } from './values.js';
import type { Manifest } from '../rendering/render.js';

/** KEDA's own list of what its scalers read: the cluster takes any key, and one that nobody reads means a default. */
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

/** What a scaler reads, by name. */
export type Scaler = {
  parameters: ReadonlyMap<string, Parameter>;
  /** Sets of parameters, one of which must be there completely. */
  oneOf: readonly (readonly string[])[];
};

/** The scalers we use, and the files that read their parameters: the schema calls every type a string. */
const sources: Readonly<Record<string, readonly string[]>> = {
  kafka: ['kafka_scaler.go'],
  prometheus: ['prometheus_scaler.go'],
  rabbitmq: ['rabbitmq_scaler.go'],
  'redis-streams': ['redis_streams_scaler.go', 'redis_scaler.go'],
  'nats-jetstream': ['nats_jetstream_scaler.go'],
};

/**
 * What the schema cannot say: how to reach Redis is one struct, which is optional as a whole (redis_streams_scaler.go,
 * `ConnectionInfo`), so none of its fields is required alone; SetDefaults and Validate want one of these.
 */
const connections: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'redis-streams': [['address'], ['addresses'], ['host', 'port'], ['hosts', 'ports']],
};

/** Values that a scaler's own Validate accepts, where the schema names none. */
const furtherValues: Readonly<Record<string, string[]>> = {
  'rabbitmq mode': ['QueueLength', 'MessageRate'],
  'rabbitmq protocol': ['amqp', 'http', 'auto'],
};

/** Reads them from KEDA's files. Rejects when KEDA has not all of them. */
export async function readScalers(): Promise<ReadonlyMap<string, Scaler>> {
  const keda = await upstreamFolder('keda');
  const program = await obtainKedaParameters();
  const file = join(keda, 'schema/generated/scalers-schema.json');
  const { scalers } = schemaFile.parse(JSON.parse(await readFile(file, 'utf8')));
  const read = Object.entries(sources).map(async ([type, files]): Promise<[string, Scaler]> => {
    const scaler = scalers.find((one) => one.type === type);
    if (scaler === undefined) throw new Error(`KEDA has no scaler ${type}`);
    const paths = files.map((name) => join(keda, 'pkg/scalers', name));
    const types = await parameterTypes(program, paths);
    const oneOf = connections[type] ?? [];
    const parameters = scaler.parameters.map((parameter): [string, Parameter] => {
      const { name, allowedValue = furtherValues[`${type} ${name}`] } = parameter;
      const valueType = types.get(name);
      if (valueType === undefined) throw new Error(`${files.join()} of KEDA have no ${name}`);
      return [name, { ...parameter, type: valueType, ...(allowedValue && { allowedValue }) }];
    });
    return [type, { parameters: new Map(parameters), oneOf }];
  });
  return new Map(await Promise.all(read));
}

/** The types of the parameters in some Go files of KEDA, by parameter name. */
async function parameterTypes(program: string, files: readonly string[]): Promise<Map<string, ValueType>> {
  const output = await runProgram(program, files);
  const goTypes = z.record(z.string(), z.string()).parse(JSON.parse(output));
  return new Map(Object.entries(goTypes).map(([name, goType]) => [name, valueTypeOf(goType)]));
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

/** What is wrong with the triggers of all ScaledObjects in a render, and with what authenticates them. */
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
          return [`${name}: there is no TriggerAuthentication ${reference.name}`];
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
  if (scaler === undefined) return ['it is not among the scalers that are checked'];
  const authenticated = parametersOf(authentication);
  const isGiven = (name: string): boolean =>
    name in metadata || `${name}FromEnv` in metadata || authenticated.includes(name);
  return [
    ...Object.entries(metadata).flatMap(([key, value]) => metadataProblem(scaler, key, value)),
    ...authenticated
      .filter((name) => scaler.parameters.get(name)?.triggerAuthenticationVariableReadable !== true)
      .map((name) => `${name} is nothing that it reads from a TriggerAuthentication`),
    ...[...scaler.parameters.values()]
      .filter((parameter) => isRequired(scaler, parameter) && !isGiven(parameter.name))
      .map(({ name }) => `${name} is missing`),
    ...(scaler.oneOf.length === 0 || scaler.oneOf.some((names) => names.every(isGiven))
      ? []
      : [`none of ${scaler.oneOf.map((names) => names.join(' and ')).join(', ')} is there`]),
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
    return [`${key} is nothing that it reads`];
  }
  if (parameter.metadataVariableReadable !== true) return [`${key} is not read from a trigger's metadata`];
  const problem = valueProblem(value, { type: parameter.type, allowed: parameter.allowedValue });
  return problem === undefined ? [] : [`${key}: ${problem}`];
}

function isRequired({ oneOf }: Scaler, parameter: Parameter): boolean {
  // Then the scaler's own Validate says what it needs to be reached, and the rest of the struct is optional.
  if (oneOf.length > 0 && parameter.triggerAuthenticationVariableReadable === true) return false;
  return parameter.optional !== true && parameter.default === undefined;
}
