import { Router } from 'express';
import { paths } from '../paths.js';
import { languages } from '../texts/languages.js';

/** RFC 9116 recommends less than a year. The response is always valid for this long from now. */
const validMs = 180 * 24 * 60 * 60 * 1_000;

/** Where to report a vulnerability: `/.well-known/security.txt` (RFC 9116). Without a contact the file does not exist. */
export function securityContactRouter(contact: string | undefined, now: () => Date): Router {
  const router = Router();
  if (contact === undefined) return router;
  return router.get(paths.securityContact, (_request, response) => {
    const expires = new Date(now().getTime() + validMs).toISOString();
    response
      .type('text/plain')
      .send(
        `Contact: ${contact}\nExpires: ${expires}\nPreferred-Languages: ${Object.keys(languages).join(', ')}\n`,
      );
  });
}
