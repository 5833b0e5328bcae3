import type { ProblemCode } from '@unity-purchase/contracts';
import { Router, type Request, type RequestHandler, type Response } from 'express';
import type { z } from 'zod';
import { clientSignal, hasClientLeft } from './client-signal.js';
import { parseJsonBody, parsePath, parseQuery } from './parse-request.js';

/** One operation of an API. Its schemas check requests at run time and describe them in the OpenAPI document. */
export type ApiOperation<
  Path extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> = {
  method: 'GET' | 'POST' | 'DELETE';
  /** As Express writes it: `/api/purchases/:purchaseId`. */
  path: string;
  summary: string;
  pathParameters?: Path;
  query?: Query;
  /** By their names in lower case. Documented only: handlers read headers from the request. */
  headers?: z.ZodObject;
  /** Requires a JSON body parser in `before`. A schema that accepts undefined makes the body optional. */
  body?: Body;
  /** The answer to a valid request. Any `mediaType` other than JSON is written by the handler itself. */
  answer: { status: number; description: string; schema: Answer; mediaType?: string };
  /** The codes that it may answer with instead, as problem details. */
  problems: readonly ProblemCode[];
  /** Middleware that runs before the inputs are parsed. */
  before?: readonly RequestHandler[];
};

/** A request whose inputs an operation's schemas have accepted. */
export type ApiRequest<
  Path extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
> = {
  path: z.output<Path>;
  query: z.output<Query>;
  body: z.output<Body>;
  request: Request;
  response: Response;
  /** Aborts when the client leaves before it is answered. */
  signal: AbortSignal;
};

/** Resolves to the JSON of the answer, or to undefined if the handler wrote the response itself. */
export type ApiHandler<
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
> = (request: ApiRequest<Path, Query, Body>) => Promise<z.output<Answer> | undefined>;

/** Routes together with the operations that document them: `route` adds both. */
export type ApiRouter = { readonly router: Router; readonly operations: ApiOperation[] };

/** An API router without routes. */
export function createApiRouter(): ApiRouter {
  return { router: Router(), operations: [] };
}

const registrars = { GET: 'get', POST: 'post', DELETE: 'delete' } as const;

/**
 * Adds an operation to an API: registers its route and documents it. Routes are tried in the order in which they were added.
 * The handler is called with the parsed inputs. Before that, a request with an invalid path parameter is answered with 404
 * `not-found`, and one with an invalid query or body with 400 `invalid-request`.
 */
export function route<
  Answer extends z.ZodType,
  Path extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
>(
  api: ApiRouter,
  operation: ApiOperation<Path, Query, Body, Answer>,
  handler: ApiHandler<Path, Query, Body, Answer>,
): void {
  const { method, path, before = [], pathParameters, query, body, answer } = operation;
  api.operations.push(operation);
  api.router[registrars[method]](path, ...before, async function answerOperation(request, response) {
    const inputs = {
      path: pathParameters && parsePath(pathParameters, request),
      query: query && parseQuery(query, request),
      body: body && parseJsonBody(body, request),
    } as Pick<ApiRequest<Path, Query, Body>, 'path' | 'query' | 'body'>;
    let signal: AbortSignal | undefined;
    try {
      const result = await handler({
        ...inputs,
        request,
        response,
        // Most handlers do not need it.
        get signal() {
          return (signal ??= clientSignal(response));
        },
      });
      if (result !== undefined) response.status(answer.status).json(result);
    } catch (error) {
      // The client has left, and cancelled work is not a failure.
      if (!hasClientLeft(response)) throw error;
    }
  });
}
