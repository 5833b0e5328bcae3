import { z } from 'zod';
import type { RequestHandler, Router } from 'express';
import { AppError } from '../errors/app-error.js';

/** What a request may bring, and what it may be answered with, as the schemas that check both. */
export type ApiOperation = {
  method: 'GET' | 'POST' | 'DELETE';
  /** As Express writes it: `/api/purchases/:purchaseId`. */
  path: string;
  summary: string;
  pathParameters?: z.ZodObject;
  query?: z.ZodObject;
  /** By their names in lower case. */
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** What it is answered with if all is well. */
  answer: { status: number; description: string; schema: z.ZodType; mediaType?: string };
  /** What else it may be answered with, as problem details, and when. */
  problems: Readonly<Record<number, string>>;
};

export type ApiDescription = {
  title: string;
  description: string;
  version: string;
  /** How errors are told. */
  problem: z.ZodType;
  /** How callers prove who they are, any of them. */
  securitySchemes: Readonly<Record<string, object>>;
  operations: readonly ApiOperation[];
};

type JsonObject = Record<string, unknown>;

const jsonType = 'application/json';

/** The OpenAPI 3.1 document of an API (https://spec.openapis.org/oas/v3.1.1.html), made of the schemas that it uses. */
export function openApiDocument(api: ApiDescription): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const operation of api.operations) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation) };
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

function describe({ summary, answer, problems, body, ...request }: ApiOperation): JsonObject {
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return {
    summary,
    parameters: [
      ...parameters('path', request.pathParameters),
      ...parameters('query', request.query),
      ...parameters('header', request.headers),
    ],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { [jsonType]: { schema: jsonSchema(body, 'input') } } } }),
    responses: {
      [answer.status]: {
        description: answer.description,
        content: { [answer.mediaType ?? jsonType]: { schema: jsonSchema(answer.schema, 'output') } },
      },
      ...Object.fromEntries(
        Object.entries(problems).map(([status, description]) => [status, { description, content: problem }]),
      ),
    },
  };
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

/** What a schema checks beyond JSON Schema's means is left out: such an input may still be refused. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonObject {
  const { $schema: _of, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return json;
}

/** @throws Error naming every route that no operation tells of, and every operation that no route answers */
export function requireDocumented(routers: readonly Router[], operations: readonly ApiOperation[]): void {
  const routes = new Set(routers.flatMap(routesOf));
  const told = new Set(operations.map(({ method, path }) => `${method} ${path}`));
  const differences = [
    ...[...routes].filter((route) => !told.has(route)).map((route) => `${route} is not documented`),
    ...[...told].filter((route) => !routes.has(route)).map((route) => `${route} is answered by no route`),
  ];
  if (differences.length > 0) throw new Error(differences.join('; '));
}

/** What Express keeps of a route (router 2.2, lib/route.js); its types leave the methods out. */
type Layer = { route?: { path: string; methods: Readonly<Record<string, boolean>> } | undefined };

function routesOf({ stack }: Router): string[] {
  return (stack as unknown as Layer[]).flatMap(({ route }) =>
    route === undefined
      ? []
      : Object.keys(route.methods).map((method) => `${method.toUpperCase()} ${route.path}`),
  );
}

/** Answers 405, with what is allowed, where an operation has the path and not the method (RFC 9110, 15.5.6). */
export function methodNotAllowed(operations: readonly ApiOperation[]): RequestHandler {
  const allowed = new Map<string, { pattern: RegExp; methods: string[] }>();
  for (const { path, method } of operations) {
    const pattern = new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}/?$`);
    const methods = [
      ...(allowed.get(path)?.methods ?? []),
      ...(method === 'GET' ? ['GET', 'HEAD'] : [method]),
    ];
    allowed.set(path, { pattern, methods });
  }
  return function refuseMethod(request, response, next) {
    for (const { pattern, methods } of allowed.values())
      if (pattern.test(request.path) && !methods.includes(request.method)) {
        response.set('Allow', methods.join(', '));
        throw new AppError('method-not-allowed', 405, `This address takes ${methods.join(' and ')} only.`);
      }
    next();
  };
}
