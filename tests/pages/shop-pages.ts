import type { Purchase } from '@unity-purchase/contracts';
import { v7 } from 'uuid';
import type { DemandingRecords } from './demanding-records.js';
import {
  buy,
  buyTwoOrdersWithOneForm,
  follow,
  inTurn,
  mistypeQuantities,
  submit,
  type,
  unfold,
  withoutField,
  type PageStep,
} from './page-steps.js';
import type { VisitorName } from './prepare-shop.js';
import type { SituationName } from './situations.js';

/** A page of the shop, and how to get to it. */
export type ShopPage = {
  /** Names the page in results and files. */
  name: string;
  path: string;
  /** Who visits it; by default someone who is not signed in. */
  as?: VisitorName;
  /** What goes on meanwhile; by default everything works. */
  during?: SituationName;
  /** What to do on the page before it is looked at. */
  act?: PageStep;
  /** Shows the page as it is printed. */
  media?: 'print';
  /** The status with which the page that is looked at is answered; by default 200. */
  status?: number;
};

const word = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.slice(0, 100);
const eventOf = ({ shopper, purchaseId }: Purchase) =>
  `/operators/purchases/${purchaseId}?${new URLSearchParams({ shopper: shopper.id }).toString()}`;

/**
 * Every page of the shop, in every state that looks different. Tests and screenshots visit all of them, so a new page needs only a
 * line here. A test fails if a route with a page is missing.
 */
export function pagesOf(records: DemandingRecords): ShopPage[] {
  const { letters } = records;
  const letter = (name: keyof typeof letters) => `/operators/dead-letters/${letters[name]}`;
  return [
    // Browsing.
    { name: 'shop', path: '/' },
    { name: 'shop-in-yen', path: '/', as: 'payingInYen' },
    { name: 'shop-full-basket', path: '/', as: 'fullBasket' },
    { name: 'category', path: '/?category=kitchen' },
    { name: 'search', path: '/?q=stoneware' },
    { name: 'search-nothing', path: '/?q=unicorn&category=desk' },
    { name: 'search-long-word', path: `/?q=${encodeURIComponent(word)}` },
    { name: 'search-too-long', path: `/?q=${'very+'.repeat(60)}long` },
    { name: 'product', path: '/products/teapot' },
    { name: 'any-amount', path: '/products/any-amount' },
    { name: 'any-amount-in-yen', path: '/products/any-amount', as: 'payingInYen' },
    {
      name: 'any-amount-mistakes',
      path: '/products/any-amount',
      act: inTurn(type('amount', '12.345'), type('quantity', '0'), submit('/basket')),
      status: 400,
    },
    { name: 'product-unknown', path: '/products/unicorn', status: 404 },

    // The basket.
    { name: 'basket-empty', path: '/basket' },
    { name: 'basket', path: '/basket', as: 'shopper' },
    { name: 'basket-added', path: '/products/teapot', act: submit('/basket') },
    { name: 'basket-full', path: '/basket', as: 'fullBasket' },
    { name: 'basket-mistakes', path: '/basket', as: 'shopper', act: mistypeQuantities, status: 400 },
    {
      name: 'basket-cannot-hold',
      path: '/products/mug',
      as: 'fullBasket',
      act: submit('/basket'),
      status: 400,
    },
    {
      name: 'basket-again',
      path: `/purchases/${records.recorded.purchaseId}`,
      as: 'shopper',
      act: submit('/basket/again'),
    },
    {
      name: 'basket-again-left-out',
      path: `/purchases/${records.longest.purchaseId}`,
      as: 'fullBasket',
      act: submit('/basket/again'),
    },

    // Signing in.
    { name: 'sign-in', path: '/sign-in?returnTo=/checkout' },
    { name: 'sign-in-mistakes', path: '/sign-in', act: submit('/sign-in'), status: 400 },
    { name: 'sign-in-failed', path: '/sign-in/callback?code=used&state=before', status: 400 },
    { name: 'signed-out', path: '/signed-out' },

    // Checkout, and what can go wrong there.
    { name: 'checkout', path: '/checkout', as: 'shopper' },
    { name: 'checkout-full', path: '/checkout', as: 'fullBasket' },
    { name: 'checkout-long-name', path: '/checkout', as: 'longName' },
    { name: 'checkout-right-to-left', path: '/checkout', as: 'rightToLeft' },
    { name: 'checkout-markup', path: '/checkout', as: 'markup' },
    {
      name: 'checkout-prices-changed',
      path: '/checkout',
      as: 'shopper',
      act: buy(['line', 'mug*1*999']),
      status: 409,
    },
    {
      name: 'checkout-unavailable',
      path: '/checkout',
      as: 'shopper',
      act: buy(['line', 'unicorn*1*999']),
      status: 409,
    },
    {
      name: 'checkout-outdated',
      path: '/checkout',
      as: 'shopper',
      act: inTurn(withoutField('person'), buy()),
      status: 409,
    },
    {
      name: 'checkout-expired',
      path: '/checkout',
      as: 'shopper',
      act: buy(['purchaseId', v7({ msecs: Date.parse('2025-01-01') })]),
      status: 400,
    },
    { name: 'checkout-id-used', path: '/checkout', as: 'emoji', act: buyTwoOrdersWithOneForm, status: 409 },
    { name: 'checkout-maybe-bought', path: '/checkout', as: 'earlierBasket' },
    {
      name: 'checkout-other-person',
      path: '/checkout',
      as: 'longName',
      act: buy(['person', 'someone else']),
      status: 409,
    },
    {
      name: 'checkout-not-accepted',
      path: '/checkout',
      as: 'shopper',
      during: 'noStorefrontSidecar',
      act: buy(),
      status: 503,
    },
    {
      name: 'checkout-not-confirmed',
      path: '/checkout',
      as: 'shopper',
      during: 'noBroker',
      act: buy(),
      status: 503,
    },
    { name: 'form-refused', path: '/checkout', as: 'shopper', act: buy(['line', 'mug*0']), status: 400 },

    // A purchase, in each of its states.
    { name: 'receipt', path: `/purchases/${records.recorded.purchaseId}`, as: 'shopper' },
    { name: 'receipt-long', path: `/purchases/${records.longest.purchaseId}`, as: 'shopper' },
    {
      name: 'receipt-printed',
      path: `/purchases/${records.recorded.purchaseId}`,
      as: 'shopper',
      media: 'print',
    },
    { name: 'accepted', path: '/checkout', as: 'rightToLeft', during: 'nothingIsDelivered', act: buy() },
    { name: 'accepted-unsure', path: '/checkout', as: 'markup', during: 'noPurchaseService', act: buy() },
    { name: 'delayed', path: `/purchases/${records.delayed.purchaseId}`, as: 'shopper' },
    { name: 'discarded', path: `/purchases/${records.discarded.purchaseId}`, as: 'shopper' },
    { name: 'superseded', path: records.supersededPath, as: 'shopper' },
    { name: 'erased', path: `/purchases/${records.erased.purchaseId}`, as: 'erased', status: 410 },
    { name: 'unknown', path: `/purchases/${v7()}`, as: 'shopper', status: 404 },
    {
      name: 'purchase-not-found',
      path: '/purchases/01900000-0000-7000-8000-000000000000',
      as: 'shopper',
      status: 404,
    },

    // The history.
    { name: 'history', path: '/purchases', as: 'shopper' },
    { name: 'history-as-table', path: '/purchases', as: 'shopper', act: unfold },
    { name: 'history-older', path: '/purchases', as: 'shopper', act: follow('main a[rel=next]') },
    { name: 'history-month', path: '/purchases', as: 'shopper', act: follow('main a[href*="month="]') },
    { name: 'history-empty-month', path: '/purchases?month=2020-01', as: 'shopper' },
    { name: 'history-none', path: '/purchases', as: 'newcomer' },
    { name: 'history-erased', path: '/purchases', as: 'erased' },
    { name: 'history-long-name', path: '/purchases', as: 'longName' },
    { name: 'history-printed', path: '/purchases', as: 'shopper', media: 'print' },
    {
      name: 'history-unavailable',
      path: '/purchases',
      as: 'shopper',
      during: 'noPurchaseService',
      status: 503,
    },

    // The operator desk. Visits of its pages are in the audit log, so that comes first.
    { name: 'audit-log', path: '/operators/audit-log', as: 'operator' },
    {
      name: 'audit-log-older',
      path: '/operators/audit-log',
      as: 'operator',
      act: follow('main a[rel=next]'),
    },
    { name: 'desk-sign-in', path: '/operators/sign-in' },
    {
      name: 'desk-sign-in-refused',
      path: '/operators/sign-in',
      act: inTurn(type('token', 'guessed'), submit('/operators/sign-in')),
      status: 403,
    },
    { name: 'desk', path: '/operators', as: 'operator', during: 'load' },
    { name: 'desk-quiet', path: '/operators', as: 'operator' },
    { name: 'desk-nothing-is-delivered', path: '/operators', as: 'operator', during: 'nothingIsDelivered' },
    { name: 'desk-no-purchase-service', path: '/operators', as: 'operator', during: 'noPurchaseService' },
    { name: 'desk-no-sidecar', path: '/operators', as: 'operator', during: 'noStorefrontSidecar' },
    { name: 'desk-no-broker', path: '/operators', as: 'operator', during: 'noBroker' },
    { name: 'desk-purchases', path: '/operators/purchases', as: 'operator' },
    {
      name: 'desk-purchases-older',
      path: '/operators/purchases',
      as: 'operator',
      act: follow('main a[rel=next]'),
    },
    { name: 'desk-purchases-of-one', path: '/operators/purchases?shopper=ada-1815', as: 'operator' },
    { name: 'desk-purchases-none', path: '/operators/purchases?shopper=nobody', as: 'operator' },
    {
      name: 'desk-purchases-mistakes',
      path: '/operators/purchases?purchase=1234&before=yesterday',
      as: 'operator',
      status: 400,
    },
    {
      name: 'desk-purchases-unavailable',
      path: '/operators/purchases',
      as: 'operator',
      during: 'noPurchaseService',
      status: 503,
    },
    { name: 'desk-purchase', path: eventOf(records.recorded), as: 'operator' },
    { name: 'desk-purchase-long', path: eventOf(records.longest), as: 'operator' },
    { name: 'desk-purchase-unknown', path: eventOf(records.erased), as: 'operator', status: 404 },
    { name: 'dead-letters', path: '/operators/dead-letters', as: 'operator' },
    {
      name: 'dead-letters-unavailable',
      path: '/operators/dead-letters',
      as: 'operator',
      during: 'noPurchaseService',
      status: 503,
    },
    { name: 'dead-letter', path: letter('waiting'), as: 'operator' },
    { name: 'dead-letter-contradicts', path: letter('contradictsRecord'), as: 'operator' },
    { name: 'dead-letter-invalid', path: letter('invalid'), as: 'operator' },
    { name: 'dead-letter-many-problems', path: letter('manyProblems'), as: 'operator' },
    { name: 'dead-letter-unreadable', path: letter('unreadable'), as: 'operator' },
    { name: 'dead-letter-binary', path: letter('binary'), as: 'operator' },
    { name: 'dead-letter-too-large', path: letter('tooLarge'), as: 'operator' },
    { name: 'dead-letter-replayed', path: letter('replayed'), as: 'operator' },
    { name: 'dead-letter-discarded', path: letter('discarded'), as: 'operator' },
    { name: 'dead-letter-recorded-since', path: letter('recordedSince'), as: 'operator' },
    {
      name: 'dead-letter-unknown',
      path: `/operators/dead-letters/${'0'.repeat(32)}`,
      as: 'operator',
      status: 404,
    },

    // Nothing is there.
    { name: 'not-found', path: '/nothing-here', status: 404 },
  ];
}
