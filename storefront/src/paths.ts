import { pathWithQuery } from './path-with-query.js';

/** Every address of the shop. */
export const paths = {
  catalogue: '/',
  product: '/products/:sku',
  basket: '/basket',
  basketChange: '/basket/change',
  basketAgain: '/basket/again',
  checkout: '/checkout',
  purchases: '/purchases',
  purchase: '/purchases/:purchaseId',
  purchasesNews: '/purchases/news',
  purchaseNews: '/purchases/:purchaseId/news',
  currency: '/currency',
  language: '/language',
  signIn: '/sign-in',
  signInStart: '/sign-in/start',
  signInCallback: '/sign-in/callback',
  signOut: '/sign-out',
  signedOut: '/signed-out',
  operators: '/operators',
  operatorSignIn: '/operators/sign-in',
  allPurchases: '/operators/purchases',
  recordedPurchase: '/operators/purchases/:purchaseId',
  auditLog: '/operators/audit-log',
  deadLetters: '/operators/dead-letters',
  deadLetter: '/operators/dead-letters/:id',
  deadLetterDecision: '/operators/dead-letters/:id/:decision',
  securityContact: '/.well-known/security.txt',
  apiDocument: '/openapi.json',
  apiPurchases: '/api/purchases',
  apiPurchase: '/api/purchases/:purchaseId',
} as const;

export const productPath = (sku: string) => `/products/${encodeURIComponent(sku)}`;

/** The shop's front page, with what is looked for. */
export const cataloguePath = (query: { q?: string; category?: string | undefined }) =>
  withQuery(paths.catalogue, query);

/** The basket after something was put in. */
export const basketAddedPath = (sku: string) => withQuery(paths.basket, { added: sku });

/** The basket after it was filled with what had been bought before, but for what is not for sale any more. */
export const basketAgainPath = (leftOut: readonly string[]) =>
  withQuery(paths.basket, { again: 'true', left: leftOut.join(' ') });

export const picturePath = (file: string) => `/pictures/${file}`;

/** `proof` says that this purchase was accepted: see `acceptance-proof.ts`. */
export const purchasePath = (purchaseId: string, proof?: string) =>
  withQuery(`/purchases/${purchaseId}`, { accepted: proof });

/** Where a page hears when what it shows of a purchase has changed from `version`. */
export const purchaseNewsPath = (purchaseId: string, version: string, proof?: string) =>
  withQuery(`/purchases/${purchaseId}/news`, { version, accepted: proof });

/** Where a page hears when a history has changed from `version`. */
export const purchasesNewsPath = (version: string) => withQuery(paths.purchasesNews, { version });

/** A page of the history: of all of it, or of a month. */
export const purchasesPath = (query: { cursor?: string | undefined; month?: string | undefined }) =>
  withQuery(paths.purchases, query);

/** The file of all purchases with this ending. */
export const purchaseFilePath = (ending: string) => `${paths.purchases}.${ending}`;

export const apiPurchasePath = (purchaseId: string, proof?: string) =>
  withQuery(`/api/purchases/${purchaseId}`, { accepted: proof });

export const signInPath = (returnTo: string) => withQuery(paths.signIn, { returnTo });

export const signInStartPath = (returnTo: string) => withQuery(paths.signInStart, { returnTo });

export const operatorSignInPath = (returnTo: string) => withQuery(paths.operatorSignIn, { returnTo });

/** A page of what could not be recorded, newest first. */
export const deadLettersPath = (query: { cursor?: string | undefined }) =>
  withQuery(paths.deadLetters, query);

/** A page of what operators did, newest first. */
export const auditLogPath = (query: { cursor?: string | undefined }) => withQuery(paths.auditLog, query);

/** A page of all purchases, or of those that are looked for. */
export const allPurchasesPath = (query: {
  shopper?: string | undefined;
  purchase?: string | undefined;
  before?: string | undefined;
  cursor?: string | undefined;
}) => withQuery(paths.allPurchases, query);

/** One purchase as operators see it. */
export const recordedPurchasePath = (shopperId: string, purchaseId: string) =>
  withQuery(`${paths.allPurchases}/${purchaseId}`, { shopper: shopperId });

export const deadLetterPath = (id: string) => `${paths.deadLetters}/${id}`;

/** As `pathWithQuery`, without what is empty: a page's address holds nothing that says nothing. */
function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  return pathWithQuery(path, Object.fromEntries(given));
}
