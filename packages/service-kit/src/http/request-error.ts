import type { ProblemCode } from '@unity-purchase/contracts';
import { AppError } from '../errors/app-error.js';
import { toError } from '../errors/to-error.js';

/** The errors of Express' body parsers, by their `type` (https://github.com/expressjs/body-parser#errors). */
const bodyErrors: Readonly<Record<string, { code: ProblemCode; detail?: string }>> = {
  'entity.too.large': { code: 'body-too-large' },
  'entity.parse.failed': {
    code: 'malformed-body',
    detail: 'The request body does not match its content type.',
  },
  'encoding.unsupported': { code: 'unsupported-encoding' },
  'charset.unsupported': { code: 'unsupported-charset' },
  'request.size.invalid': {
    code: 'malformed-body',
    detail: 'The request body does not have the length that its header says.',
  },
  'request.aborted': { code: 'request-aborted' },
  'parameters.too.many': { code: 'body-too-large', detail: 'The form has too many fields.' },
  'querystring.parse.rangeError': {
    code: 'malformed-body',
    detail: 'The fields of the form are nested too deeply.',
  },
};

/** Turns anything that a handler threw into an error for the caller. An unexpected error becomes a 500 `internal-error`. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  const cause = toError(thrown);
  const { type, status } = (thrown ?? {}) as { type?: unknown; status?: unknown };
  const known = typeof type === 'string' ? bodyErrors[type] : undefined;
  if (known !== undefined) return new AppError(known.code, { detail: known.detail, cause });
  // Express' router throws it for a path whose percent-encoding is broken.
  if (cause.name === 'URIError') return new AppError('not-found', { cause });
  // An error from below a body parser (a corrupt compressed body) has a status and no type.
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new AppError('malformed-body', { cause });
  return new AppError('internal-error', { cause });
}
