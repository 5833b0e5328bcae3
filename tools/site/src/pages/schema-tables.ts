import { table } from './markdown-text.js';

/** The part of JSON Schema that our API documents use. */
export type Schema = {
  $ref?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  default?: unknown;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  propertyNames?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
};

/** A documented value: `lines[].quantity`, "integer", "1 to 100". */
type Field = { name: string; type: string; rules: string };

/** A table of a schema's fields; one table per alternative. */
export function schemaTables(schema: Schema): string {
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives !== undefined)
    return alternatives.map((each) => `Either:\n\n${schemaTables(each)}`).join('\n');
  const rows = fieldsOf(schema, '', true).map(({ name, type, rules }) => [`\`${name}\``, type, rules]);
  return rows.length > 0
    ? table(['Field', 'Type', 'Values'], rows)
    : `${typeOf(schema)} ${rulesOf(schema)}\n`;
}

function fieldsOf(schema: Schema, name: string, required: boolean): Field[] {
  const own: Field[] =
    name === ''
      ? []
      : [
          {
            name,
            type: typeOf(schema) + (required ? '' : ', optional'),
            rules: [rulesOf(schema), schema.description ?? ''].filter(Boolean).join('; '),
          },
        ];
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, property]) =>
    fieldsOf(property, name === '' ? key : `${name}.${key}`, schema.required?.includes(key) ?? false),
  );
  const items = schema.items === undefined ? [] : fieldsOf(schema.items, `${name}[]`, true);
  const { additionalProperties } = schema;
  const others =
    typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0
      ? fieldsOf(additionalProperties, `${name === '' ? '' : `${name}.`}{…}`, true)
      : [];
  return [...own, ...inner, ...items, ...others];
}

export function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return 'constant';
  const { type = 'anything', format } = schema;
  return format === undefined ? type : `${type} (${format})`;
}

export function rulesOf(schema: Schema): string {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema;
  const shown = (value: unknown) => `\`${JSON.stringify(value)}\``;
  return [
    schema.const === undefined ? '' : shown(schema.const),
    schema.enum?.map(shown).join(', ') ?? '',
    range('', minimum, maximum),
    range(' characters', minLength, maxLength),
    range(' items', minItems, maxItems),
    // A format is shorter.
    schema.pattern === undefined || schema.format !== undefined ? '' : `matches \`${schema.pattern}\``,
    schema.default === undefined ? '' : `default ${shown(schema.default)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** Describes bounds. Those of JavaScript's safe integers carry no information. */
function range(what: string, min: number | undefined, max: number | undefined): string {
  const least = min === -Number.MAX_SAFE_INTEGER ? undefined : min;
  const most = max === Number.MAX_SAFE_INTEGER ? undefined : max;
  if (least !== undefined && most !== undefined) return `${least} to ${most}${what}`;
  if (least !== undefined) return `at least ${least}${what}`;
  return most === undefined ? '' : `at most ${most}${what}`;
}
