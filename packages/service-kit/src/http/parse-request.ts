import type { Request } from 'express';
import type { z } from 'zod';
import { AppError, type InputProblem } from '../errors/app-error.js';
import { hasBody } from './admission.js';

/** Zod's issues as problems of an input, one for each unknown key. */
export function inputProblems(error: z.ZodError): InputProblem[] {
  return error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'is not known' }))
      : [{ path: issue.path.join('.'), message: issue.message }],
  );
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  refuse: (problems: InputProblem[]) => AppError,
) {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw refuse(inputProblems(parsed.error));
  return parsed.data;
}

/** Whether a request needs no body, according to the schema of its body. */
export function isBodyOptional(schema: z.ZodType): boolean {
  return schema.safeParse(undefined).success;
}

/**
 * The request's JSON body. If it is optional, a request without a body or without a content type has none.
 *
 * @throws AppError 415 if its content type is not JSON; 400 `invalid-request` with all its problems
 */
export function parseJsonBody<Schema extends z.ZodType>(schema: Schema, request: Request): z.infer<Schema> {
  const hasType = request.get('content-type') !== undefined;
  if (isBodyOptional(schema) && !(hasType && hasBody(request))) return schema.parse(undefined);
  if (request.is('json') === false || !hasType) throw new AppError('unsupported-media-type');
  return parse(
    schema,
    request.body,
    (problems) => new AppError('invalid-request', { detail: 'The request body is not valid.', problems }),
  );
}

/** The request's query. @throws AppError 400 `invalid-request` with all its problems */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, request: Request): z.infer<Schema> {
  return parse(
    schema,
    request.query,
    (problems) => new AppError('invalid-request', { detail: 'The query is not valid.', problems }),
  );
}

/** The parameters in the request's path. @throws AppError 404 `not-found` if one of them is not valid */
export function parsePath<Schema extends z.ZodType>(schema: Schema, request: Request): z.infer<Schema> {
  return parse(schema, request.params, () => new AppError('not-found'));
}
