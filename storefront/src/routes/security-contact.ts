import { Router } from 'express';
import { paths } from '../paths.js';
import { languages } from '../texts/languages.js';

/** Long before it ends somebody has started the shop anew; RFC 9116 advises less than a year. */
const validMs = 180 * 24 * 60 * 60 * 1_000;

/** Where to tell of a weakness: `/.well-known/security.txt` (RFC 9116). Without a contact there is none to tell of. */
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
