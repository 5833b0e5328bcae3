import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Allows pages only resources of this origin: no inline scripts or styles, and no frames. */
export function securityHeaders(behindTls: boolean): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        baseUri: ["'none'"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        imgSrc: ["'self'"],
        manifestSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
      },
    },
    // With helmet's default, `no-referrer`, browsers send forms with `Origin: null`, which `sameOrigin` must refuse.
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: behindTls ? { maxAge: 365 * 24 * 60 * 60 } : false,
    xFrameOptions: { action: 'deny' },
  });
}
