import { problemCodes, type ProblemCode } from '@unity-purchase/contracts';
import { z } from 'zod';
import { isBodyOptional } from './parse-request.js';
import type { ApiOperation } from './route.js';

export type ApiDescription = {
  title: string;
  description: string;
  version: string;
  /** The schema of problem details. */
  problem: z.ZodType;
  /** The ways to authenticate; any one of them is enough. */
  securitySchemes: Readonly<Record<string, object>>;
  operations: readonly ApiOperation[];
};

type JsonObject = Record<string, unknown>;

const jsonType = 'application/json';

/** The OpenAPI 3.1 document of an API (https://spec.openapis.org/oas/v3.1.1.html), from the schemas of its operations. */
export function openApiDocument(api: ApiDescription): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const operation of api.operations) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: documented(operation) };
  }
  return {
    openapi: '3.1.1',
    info: { title: api.title, description: api.description, version: api.version },
    paths,
    components: {
      schemas: { Problem: jsonSchema(api.problem, 'output') },
      securitySchemes: api.securitySchemes,
    },
    security: Object.keys(api.securitySchemes).map((name) => ({ [name]: [] })),
  };
}

function documented({ summary, answer, problems, body, ...request }: ApiOperation): JsonObject {
  return {
    summary,
    parameters: [
      ...parameters('path', request.pathParameters),
      ...parameters('query', request.query),
      ...parameters('header', request.headers),
    ],
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: {
      [answer.status]: {
        description: answer.description,
        content: { [answer.mediaType ?? jsonType]: { schema: jsonSchema(answer.schema, 'output') } },
      },
      ...problemResponses(problems),
    },
  };
}

function requestBody(body: z.ZodType): JsonObject {
  return {
    required: !isBodyOptional(body),
    content: { [jsonType]: { schema: jsonSchema(body, 'input') } },
  };
}

/** A response for each status, described by the codes that have it. */
function problemResponses(codes: readonly ProblemCode[]): JsonObject {
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const responses: Record<number, { description: string; content: object }> = {};
  for (const code of codes) {
    const { status, meaning } = problemCodes[code];
    const before = responses[status] === undefined ? '' : `${responses[status].description} `;
    responses[status] = { description: `${before}\`${code}\`: ${meaning}`, content };
  }
  return responses;
}

function parameters(place: 'path' | 'query' | 'header', schema: z.ZodObject | undefined): JsonObject[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as {
    properties?: JsonObject;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema: property,
  }));
}

/** Checks that JSON Schema cannot express are left out, so the service may still refuse an input. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _of, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return json;
}
