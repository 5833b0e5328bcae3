import { AppError } from '../errors/app-error.js';
import { toError } from '../errors/to-error.js';

/** What Express' body parsers call their errors (https://github.com/expressjs/body-parser#errors), in our words. */
const bodyErrors: Readonly<Record<string, [code: string, status: number, message: string]>> = {
  'entity.too.large': ['body-too-large', 413, 'The request body is too large.'],
  'entity.parse.failed': ['malformed-body', 400, 'The request body cannot be read in its content type.'],
  'encoding.unsupported': ['unsupported-encoding', 415, 'The content encoding is not supported.'],
  'charset.unsupported': ['unsupported-charset', 415, 'The character set is not supported; use UTF-8.'],
  'request.size.invalid': ['malformed-body', 400, 'The request body is not as long as it said.'],
  'request.aborted': ['request-aborted', 400, 'The request ended before its body did.'],
  'parameters.too.many': ['body-too-large', 413, 'The form has too many fields.'],
  'querystring.parse.rangeError': ['malformed-body', 400, 'The form nests its fields too deeply.'],
};

/** Whatever a handler threw, as what the caller is to be told. What nobody foresaw is a 500. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const error = toError(thrown);
  const type = (thrown as { type?: unknown } | null | undefined)?.type;
  const known = typeof type === 'string' ? bodyErrors[type] : undefined;
  if (known !== undefined) return new AppError(...known, { cause: error });
  // Express' router: a path with a broken percent-encoding names nothing.
  if (error.name === 'URIError')
    return new AppError('not-found', 404, 'There is nothing at this address.', { cause: error });
  // What a body parser passes on from below it (a corrupt compressed body) has a status and no type.
  const status = (thrown as { status?: unknown } | null | undefined)?.status;
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new AppError('malformed-body', 400, 'The request body cannot be read.', { cause: error });
  return new AppError('internal-error', 500, 'Something went wrong here. It is not your request.', {
    cause: error,
  });
}
