import { table } from './markdown-text.js';
import { rulesOf, schemaTables, typeOf, type Schema } from './schema-tables.js';

type Content = Record<string, { schema: Schema }>;

type Operation = {
  summary: string;
  parameters: { name: string; in: string; required: boolean; schema: Schema }[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content: Content }>;
};

type OpenApi = {
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, SecurityScheme> };
};

type SecurityScheme = { type: string; in?: string; name?: string; scheme?: string };

/** An API's page, from its OpenAPI document. */
export function openApiPage(document: unknown, file: string): string {
  const { info, paths, components } = document as OpenApi;
  return [
    `# The API of the ${info.title}`,
    `${info.description} Version ${info.version}. The OpenAPI document: [${file}](./${file}).`,
    '## Authentication',
    'Any one of these credentials is enough:',
    ...Object.values(components.securitySchemes).map((scheme) => `- ${credentials(scheme)}`),
    '',
    ...Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => operationText(method, path, operation)),
    ),
    '## Errors',
    'Every error is an `application/problem+json` document with these fields.',
    ...Object.values(components.schemas).map(schemaTables),
  ].join('\n\n');
}

function credentials({ type, in: place, name, scheme }: SecurityScheme): string {
  return type === 'apiKey' ? `the ${place} \`${name}\`` : `a ${scheme} token in the header \`authorization\``;
}

function operationText(method: string, path: string, operation: Operation): string {
  const { summary, parameters, requestBody, responses } = operation;
  const rows = parameters.map(({ name, in: place, required, schema }) => [
    `\`${name}\``,
    place,
    typeOf(schema) + (required ? '' : ', optional'),
    [rulesOf(schema), schema.description ?? ''].filter(Boolean).join('; '),
  ]);
  const isSuccess = (status: string) => status.startsWith('2');
  const failures = Object.entries(responses).filter(([status]) => !isSuccess(status));
  return [
    `## ${method.toUpperCase()} ${path}`,
    `${summary}.`,
    table(['Parameter', 'In', 'Type', 'Values'], rows),
    ...contentText('Request body', requestBody?.content ?? {}),
    ...Object.entries(responses)
      .filter(([status]) => isSuccess(status))
      .flatMap(([status, { description, content }]) => contentText(`${status}: ${description}`, content)),
    table(
      ['Error', 'When'],
      failures.map(([status, { description }]) => [status, description]),
    ),
  ].join('\n\n');
}

function contentText(what: string, content: Content): string[] {
  return Object.entries(content).flatMap(([mediaType, { schema }]) => [
    `**${what}**, \`${mediaType}\``,
    schemaTables(schema),
  ]);
}
