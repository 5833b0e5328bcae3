import type { Request } from 'express';
import type { z } from 'zod';
import { AppError, type InputProblem } from '../errors/app-error.js';

/** Zod's issues as problems of an input. Keys that nobody knows are named one by one, where they stand. */
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

/**
 * The request's JSON body.
 *
 * @throws AppError 415 if it is not JSON by its content type, 400 `invalid-request` naming all that is wrong with it.
 */
export function parseJsonBody<Schema extends z.ZodType>(schema: Schema, request: Request): z.infer<Schema> {
  if (request.is('json') === false || request.get('content-type') === undefined)
    throw new AppError('unsupported-media-type');
  return parse(
    schema,
    request.body,
    (problems) => new AppError('invalid-request', { detail: 'The request body is not valid.', problems }),
  );
}

/** The request's query. @throws AppError 400 `invalid-request` naming all that is wrong with it. */
export function parseQuery<Schema extends z.ZodType>(schema: Schema, request: Request): z.infer<Schema> {
  return parse(
    schema,
    request.query,
    (problems) => new AppError('invalid-request', { detail: 'The query is not valid.', problems }),
  );
}

/** The parameters in the request's path. @throws AppError 404: a path that cannot name anything names nothing. */
export function parsePath<Schema extends z.ZodType>(schema: Schema, request: Request): z.infer<Schema> {
  return parse(schema, request.params, () => new AppError('not-found'));
}
