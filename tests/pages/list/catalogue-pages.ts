import { inTurn, mistypeQuantities, openMenu, quickAdd, submit, type } from '../page-steps.js';
import type { DemandingRecords } from '../demanding-records.js';
import type { ShopPage } from '../shop-page.js';

const longWord = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';
const longSearch = `${'very '.repeat(60)}long`;
const searchFor = (words: string) => `/?${new URLSearchParams({ q: words }).toString()}`;
const addToBasket = submit('/basket');
const buyAgain = submit('/basket/again');
const mistypeAmount = inTurn(type('amount', '12.345'), type('quantity', '0'), addToBasket);

/** Browsing, the basket and signing in. */
export function cataloguePages({ recorded, longest }: DemandingRecords): ShopPage[] {
  return [
    { name: 'shop', path: '/' },
    { name: 'shop-menu', path: '/', act: openMenu },
    { name: 'shop-menu-signed-in', path: '/', as: 'longName', act: openMenu },
    { name: 'shop-added', path: '/', act: quickAdd },
    { name: 'shop-in-yen', path: '/', as: 'payingInYen' },
    { name: 'shop-full-basket', path: '/', as: 'fullBasket' },
    { name: 'category', path: '/?category=kitchen' },
    { name: 'search', path: searchFor('stoneware') },
    { name: 'search-nothing', path: '/?q=unicorn&category=desk' },
    { name: 'search-long-word', path: searchFor(longWord) },
    { name: 'search-too-long', path: searchFor(longSearch) },
    { name: 'product', path: '/products/teapot' },
    { name: 'any-amount', path: '/products/any-amount' },
    { name: 'any-amount-in-yen', path: '/products/any-amount', as: 'payingInYen' },
    { name: 'any-amount-mistakes', path: '/products/any-amount', act: mistypeAmount, status: 400 },
    { name: 'product-unknown', path: '/products/unicorn', status: 404 },

    { name: 'basket-empty', path: '/basket' },
    { name: 'basket', path: '/basket', as: 'shopper' },
    { name: 'basket-added', path: '/products/teapot', act: addToBasket },
    { name: 'basket-full', path: '/basket', as: 'fullBasket' },
    { name: 'basket-mistakes', path: '/basket', as: 'shopper', act: mistypeQuantities, status: 400 },
    { name: 'basket-no-room', path: '/products/mug', as: 'fullBasket', act: addToBasket, status: 400 },
    { name: 'basket-again', path: `/purchases/${recorded.purchaseId}`, as: 'shopper', act: buyAgain },
    { name: 'basket-left-out', path: `/purchases/${longest.purchaseId}`, as: 'fullBasket', act: buyAgain },

    { name: 'sign-in', path: '/sign-in?returnTo=/checkout' },
    { name: 'sign-in-mistakes', path: '/sign-in', act: submit('/sign-in'), status: 400 },
    { name: 'sign-in-failed', path: '/sign-in/callback?code=used&state=before', status: 400 },
    { name: 'signed-out', path: '/signed-out' },
    { name: 'not-found', path: '/nothing-here', status: 404 },
  ];
}
