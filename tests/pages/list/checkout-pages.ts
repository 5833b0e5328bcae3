import { v7 } from 'uuid';
import { buy, buyTwoOrdersWithOneForm, inTurn, withoutField } from '../page-steps.js';
import type { ShopPage } from '../shop-page.js';

const here = { path: '/checkout', as: 'shopper' } as const;
const lastYear = v7({ msecs: Date.now() - 365 * 24 * 60 * 60_000 });
const withoutPerson = inTurn(withoutField('person'), buy());

/** Checking an order, and what can go wrong there. */
export function checkoutPages(): ShopPage[] {
  return [
    { ...here, name: 'checkout' },
    { ...here, name: 'checkout-full', as: 'fullBasket' },
    { ...here, name: 'checkout-long-name', as: 'longName' },
    { ...here, name: 'checkout-right-to-left', as: 'rightToLeft' },
    { ...here, name: 'checkout-markup', as: 'markup' },
    { ...here, name: 'checkout-prices-changed', act: buy(['line', 'mug*1*999']), status: 409 },
    { ...here, name: 'checkout-unavailable', act: buy(['line', 'unicorn*1*999']), status: 409 },
    { ...here, name: 'checkout-outdated', act: withoutPerson, status: 409 },
    { ...here, name: 'checkout-expired', act: buy(['purchaseId', lastYear]), status: 400 },
    { ...here, name: 'checkout-id-used', as: 'emoji', act: buyTwoOrdersWithOneForm, status: 409 },
    { ...here, name: 'checkout-maybe-bought', as: 'earlierBasket' },
    { ...here, name: 'other-person', as: 'longName', act: buy(['person', 'someone else']), status: 409 },
    { ...here, name: 'form-refused', act: buy(['line', 'mug*0']), status: 400 },
    { ...here, name: 'checkout-not-accepted', during: 'noStorefrontSidecar', act: buy(), status: 503 },
    { ...here, name: 'checkout-not-confirmed', during: 'noBroker', act: buy(), status: 503 },
  ];
}
