import type { Response } from 'express';
import { localeOf } from '../middleware/page-locale.js';

/** The page for a form of someone who is no longer signed in, because `name` is. */
export function renderOtherPerson(response: Response, name: string): void {
  const { title } = localeOf(response).texts.otherPerson;
  response.status(409).render('other-person', { title, name });
}
