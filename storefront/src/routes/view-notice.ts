import type { Response } from 'express';
import { basketOf } from '../basket/basket-cookie.js';
import { titleOf, type Catalogue } from '../catalogue/catalogue.js';
import { localeOf } from '../middleware/page-locale.js';

/** What a page says about the basket: the item that was added, or that an earlier purchase was. All items are titles. */
export type NoticeView =
  { kind: 'added'; title: string } | { kind: 'again'; wasEmpty: boolean; leftOut: string[] };

/** Takes the notice that no page has shown yet. An item that has left the basket since is not announced. */
export function viewNotice(response: Response, catalogue: Catalogue): NoticeView | undefined {
  const keeper = basketOf(response);
  const notice = keeper.takeNotice();
  if (notice === undefined) return undefined;
  const { language } = localeOf(response);
  const titleIn = (sku: string) => titleOf(catalogue, sku, language);
  if (notice.kind === 'again') return { ...notice, leftOut: notice.leftOut.map(titleIn) };
  const isThere = keeper.basket.lines.some(({ sku }) => sku === notice.sku);
  return isThere ? { kind: 'added', title: titleIn(notice.sku) } : undefined;
}
