/** The part of JSON Schema that Zod writes for our wire formats. */
export type JsonSchema = {
  type?: string;
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  propertyNames?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
};

/**
 * Everything that the writer's schema allows and the reader's does not: JSON paths with reasons, or nothing if the reader can
 * read everything. Two different patterns always count as a difference, whatever they match.
 */
export function unreadable(writer: JsonSchema, reader: JsonSchema, path = '$'): string[] {
  const written = alternatives(writer);
  const readable = alternatives(reader);
  if (written.length > 1 || readable.length > 1)
    return written.flatMap((alternative) => {
      const reasons = readable.map((other) => unreadable(alternative, other, path));
      return reasons.some((found) => found.length === 0) ? [] : [fewest(reasons).join('; ')];
    });
  return [
    ...differenceOfType(writer, reader, path),
    ...differenceOfValues(writer, reader, path),
    ...differenceOfBounds(writer, reader, path),
    ...(reader.items === undefined ? [] : unreadable(writer.items ?? {}, reader.items, `${path}[]`)),
    ...differenceOfProperties(writer, reader, path),
  ];
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [schema];
}

function fewest(reasons: readonly string[][]): string[] {
  return reasons.reduce((best, found) => (found.length < best.length ? found : best));
}

function differenceOfType(writer: JsonSchema, reader: JsonSchema, path: string): string[] {
  const fits =
    reader.type === undefined ||
    reader.type === writer.type ||
    (reader.type === 'number' && writer.type === 'integer');
  return fits ? [] : [`${path} is ${writer.type ?? 'anything'}, not ${reader.type ?? ''}`];
}

function differenceOfValues(writer: JsonSchema, reader: JsonSchema, path: string): string[] {
  const written = valuesOf(writer);
  const readable = valuesOf(reader);
  if (readable === undefined) return [];
  if (written === undefined) return [`${path} is any value, not one of ${JSON.stringify(readable)}`];
  const unknown = written.filter((value) => !readable.includes(value));
  return unknown.map((value) => `${path} may be ${JSON.stringify(value)}`);
}

function valuesOf(schema: JsonSchema): unknown[] | undefined {
  return schema.const === undefined ? schema.enum : [schema.const];
}

const upperBounds = ['maximum', 'maxLength', 'maxItems'] as const;
const lowerBounds = ['minimum', 'minLength', 'minItems'] as const;

function differenceOfBounds(writer: JsonSchema, reader: JsonSchema, path: string): string[] {
  // Bounds do not matter if the writer has a fixed set of values.
  if (valuesOf(writer) !== undefined) return [];
  return [
    ...upperBounds
      .filter((bound) => (writer[bound] ?? Infinity) > (reader[bound] ?? Infinity))
      .map((bound) => `${path}: ${bound} is more than ${reader[bound] ?? ''}`),
    ...lowerBounds
      .filter((bound) => (writer[bound] ?? -Infinity) < (reader[bound] ?? -Infinity))
      .map((bound) => `${path}: ${bound} is less than ${reader[bound] ?? ''}`),
    ...(['pattern', 'format'] as const)
      .filter((rule) => reader[rule] !== undefined && reader[rule] !== writer[rule])
      .map((rule) => `${path}: ${rule} is another one`),
  ];
}

function differenceOfProperties(writer: JsonSchema, reader: JsonSchema, path: string): string[] {
  const written = writer.properties ?? {};
  const readable = reader.properties ?? {};
  const missing = (reader.required ?? []).filter((name) => writer.required?.includes(name) !== true);
  return [
    ...missing.map((name) => `${path}.${name} may be missing`),
    ...Object.entries(written).flatMap(([name, schema]) => {
      const known = readable[name] ?? reader.additionalProperties ?? true;
      if (known === true) return [];
      if (known === false) return [`${path}.${name} is not known`];
      return unreadable(schema, known, `${path}.${name}`);
    }),
    ...differenceOfOthers(writer, reader, path),
  ];
}

/** Differences between the values of records, whose keys are not listed. */
function differenceOfOthers(writer: JsonSchema, reader: JsonSchema, path: string): string[] {
  const { additionalProperties: values, propertyNames: names } = reader;
  if (typeof writer.additionalProperties !== 'object') return [];
  return [
    ...(typeof values === 'object' ? unreadable(writer.additionalProperties, values, `${path}.*`) : []),
    ...(names === undefined ? [] : unreadable(writer.propertyNames ?? {}, names, `key of ${path}`)),
  ];
}
