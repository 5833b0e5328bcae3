/** The part of JSON Schema that zod writes for what crosses our wires. */
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
 * What somebody who writes by one schema may write that somebody who reads by another cannot read: places and reasons.
 * Empty where everything can be read. Errs on the safe side: two patterns that differ count as a difference, whatever they
 * match.
 */
export function unreadable(writer: JsonSchema, reader: JsonSchema, place = '$'): string[] {
  const written = alternatives(writer);
  const readable = alternatives(reader);
  if (written.length > 1 || readable.length > 1)
    return written.flatMap((alternative) => {
      const reasons = readable.map((other) => unreadable(alternative, other, place));
      return reasons.some((found) => found.length === 0) ? [] : [fewest(reasons).join('; ')];
    });
  return [
    ...differenceOfType(writer, reader, place),
    ...differenceOfValues(writer, reader, place),
    ...differenceOfBounds(writer, reader, place),
    ...(reader.items === undefined ? [] : unreadable(writer.items ?? {}, reader.items, `${place}[]`)),
    ...differenceOfProperties(writer, reader, place),
  ];
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  return schema.anyOf ?? schema.oneOf ?? [schema];
}

function fewest(reasons: readonly string[][]): string[] {
  return reasons.reduce((best, found) => (found.length < best.length ? found : best));
}

function differenceOfType(writer: JsonSchema, reader: JsonSchema, place: string): string[] {
  const fits =
    reader.type === undefined ||
    reader.type === writer.type ||
    (reader.type === 'number' && writer.type === 'integer');
  return fits ? [] : [`${place} is ${writer.type ?? 'anything'}, not ${reader.type ?? ''}`];
}

function differenceOfValues(writer: JsonSchema, reader: JsonSchema, place: string): string[] {
  const written = valuesOf(writer);
  const readable = valuesOf(reader);
  if (readable === undefined) return [];
  if (written === undefined) return [`${place} is any value, not one of ${JSON.stringify(readable)}`];
  const unknown = written.filter((value) => !readable.includes(value));
  return unknown.map((value) => `${place} may be ${JSON.stringify(value)}`);
}

function valuesOf(schema: JsonSchema): unknown[] | undefined {
  return schema.const === undefined ? schema.enum : [schema.const];
}

const upperBounds = ['maximum', 'maxLength', 'maxItems'] as const;
const lowerBounds = ['minimum', 'minLength', 'minItems'] as const;

function differenceOfBounds(writer: JsonSchema, reader: JsonSchema, place: string): string[] {
  // What is written as one of a few values has no need of bounds.
  if (valuesOf(writer) !== undefined) return [];
  return [
    ...upperBounds
      .filter((bound) => (writer[bound] ?? Infinity) > (reader[bound] ?? Infinity))
      .map((bound) => `${place}: ${bound} is more than ${reader[bound] ?? ''}`),
    ...lowerBounds
      .filter((bound) => (writer[bound] ?? -Infinity) < (reader[bound] ?? -Infinity))
      .map((bound) => `${place}: ${bound} is less than ${reader[bound] ?? ''}`),
    ...(['pattern', 'format'] as const)
      .filter((rule) => reader[rule] !== undefined && reader[rule] !== writer[rule])
      .map((rule) => `${place}: ${rule} is another one`),
  ];
}

function differenceOfProperties(writer: JsonSchema, reader: JsonSchema, place: string): string[] {
  const written = writer.properties ?? {};
  const readable = reader.properties ?? {};
  const missing = (reader.required ?? []).filter((name) => writer.required?.includes(name) !== true);
  return [
    ...missing.map((name) => `${place}.${name} may be missing`),
    ...Object.entries(written).flatMap(([name, schema]) => {
      const known = readable[name] ?? reader.additionalProperties ?? true;
      if (known === true) return [];
      if (known === false) return [`${place}.${name} is not known`];
      return unreadable(schema, known, `${place}.${name}`);
    }),
    ...differenceOfOthers(writer, reader, place),
  ];
}

/** Of a record: values under keys that are not named one by one. */
function differenceOfOthers(writer: JsonSchema, reader: JsonSchema, place: string): string[] {
  const { additionalProperties: values, propertyNames: names } = reader;
  if (typeof writer.additionalProperties !== 'object') return [];
  return [
    ...(typeof values === 'object' ? unreadable(writer.additionalProperties, values, `${place}.*`) : []),
    ...(names === undefined ? [] : unreadable(writer.propertyNames ?? {}, names, `key of ${place}`)),
  ];
}
