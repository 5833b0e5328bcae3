import { constants } from 'node:zlib';
import compression from 'compression';
import type { RequestHandler } from 'express';

/** What is smaller fits into one packet anyway. */
const bytesMin = 1_024;

const brotli = {
  params: {
    // Takes as long as gzip does, about a quarter of a millisecond for a page, and the page becomes smaller.
    [constants.BROTLI_PARAM_QUALITY]: 4,
    // Larger than any page. With the default, a long download would take megabytes.
    [constants.BROTLI_PARAM_LGWIN]: 16,
  },
};

/**
 * Compresses the answers after it as the client accepts, unless they are small, or streams of events, which a compressor would
 * hold back. Answers of any length are compressed piece by piece.
 *
 * The size of a compressed page can show an eavesdropper whether a text in it repeats a text of the request (BREACH). Pages
 * contain no secret to find that way. Sessions are only in cookies. Forms are protected by the origin of the request instead of by
 * a secret in the page.
 */
export function compressResponses(): RequestHandler {
  return compression({
    threshold: bytesMin,
    brotli,
    filter: (request, response) => !isEventStream(response) && compression.filter(request, response),
  });
}

function isEventStream(response: { getHeader: (name: string) => unknown }): boolean {
  return String(response.getHeader('Content-Type')).startsWith('text/event-stream');
}
