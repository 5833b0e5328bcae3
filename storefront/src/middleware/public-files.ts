import type { Request, RequestHandler } from 'express';
import type { Coding, FoundFile, PublicFiles } from '../pages/public-files.js';

/**
 * How long caches keep a file. An address with the hash of this content leads to nothing else, ever. During an update, an address
 * can have the hash of another version; the content of this one must then be replaced as soon as possible.
 */
const cacheControl: Readonly<Record<FoundFile['version'], string>> = {
  this: 'public, max-age=31536000, immutable',
  other: 'no-cache',
  any: 'public, max-age=3600',
};

/** Answers GET and HEAD for the files of the folder `public`, compressed, and passes everything else on. */
export function servePublicFiles(files: PublicFiles): RequestHandler {
  return async function servePublicFile(request, response, next) {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const found = isRead ? files.find(request.path) : undefined;
    if (found === undefined) {
      next();
      return;
    }
    const { file, version } = found;
    const { content, encoding } = await file.encode(codingFor(request));
    response.vary('Accept-Encoding').type(file.extension);
    response.set({
      'Cache-Control': cacheControl[version],
      // A strong tag belongs to these very bytes, so each encoding has its own.
      ETag: `"${file.hash}${encoding === undefined ? '' : `-${encoding}`}"`,
    });
    // An answer without content, 304, has no encoding either.
    if (encoding !== undefined && !request.fresh) response.set('Content-Encoding', encoding);
    response.send(content);
  };
}

/** Brotli wherever it is accepted. Express alone would follow the order of the header, where browsers write gzip first. */
function codingFor(request: Request): Coding | undefined {
  return (['br', 'gzip'] as const).find((coding) => request.acceptsEncodings(coding) === coding);
}
