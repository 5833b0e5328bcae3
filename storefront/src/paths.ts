import type { AuditKind } from '@unity-purchase/contracts';

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
  purchasesEvents: '/purchases/news',
  purchaseEvents: '/purchases/:purchaseId/news',
  currency: '/currency',
  language: '/language',
  signIn: '/sign-in',
  signInStart: '/sign-in/start',
  signInCallback: '/sign-in/callback',
  signOut: '/sign-out',
  signedOut: '/signed-out',
  operators: '/operators',
  operatorSignIn: '/operators/sign-in',
  operatorsEvents: '/operators/news',
  allPurchases: '/operators/purchases',
  recordedPurchase: '/operators/purchases/:purchaseId',
  auditLog: '/operators/audit-log',
  deskSearch: '/operators/search',
  deadLetters: '/operators/dead-letters',
  deadLetter: '/operators/dead-letters/:id',
  deadLetterContent: '/operators/dead-letters/:id/content',
  deadLetterReplay: '/operators/dead-letters/:id/replay',
  deadLetterDiscard: '/operators/dead-letters/:id/discard',
  deadLetterReplays: '/operators/dead-letter-replays',
  demo: '/operators/demo',
  demoEvents: '/operators/demo/news',
  demoPauses: '/operators/demo/pauses',
  demoPurchases: '/operators/demo/purchases',
  securityContact: '/.well-known/security.txt',
  apiDocument: '/openapi.json',
  apiCatalogue: '/api/catalogue',
  apiPurchases: '/api/purchases',
  apiPurchase: '/api/purchases/:purchaseId',
} as const;

export const productPath = (sku: string) => `/products/${encodeURIComponent(sku)}`;

/** The catalogue with a search. */
export const cataloguePath = (query: { q?: string; category?: string | undefined }) =>
  pagePath(paths.catalogue, query);

/** The page of a purchase. For acceptance proofs, see `acceptance-proof.ts`. */
export const purchasePath = (purchaseId: string, proof?: string) =>
  pagePath(`/purchases/${purchaseId}`, { accepted: proof });

/** The event stream for a page that shows `version` of a purchase. */
export const purchaseEventsPath = (purchaseId: string, version: string, proof?: string) =>
  pagePath(`/purchases/${purchaseId}/news`, { version, accepted: proof });

/** The event stream for a page that shows `version` of a history. */
export const purchasesEventsPath = (version: string) => pagePath(paths.purchasesEvents, { version });

/** The event stream for an overview of the desk that shows `version`. */
export const operatorsEventsPath = (version: string) => pagePath(paths.operatorsEvents, { version });

/** The overview of the desk, which updates itself unless updates are `off`. */
export const overviewPath = (query: { updates?: 'off' | undefined } = {}) => pagePath(paths.operators, query);

/** A month or a year to which a history is limited, or neither. */
export type HistoryPeriod = { month?: string | undefined; year?: string | undefined };

/** A page of the whole history, or of a month, a year or a search, with a chart in a currency. */
export const purchasesPath = (
  query: HistoryPeriod & {
    q?: string | undefined;
    currency?: string | undefined;
    cursor?: string | undefined;
  },
) => pagePath(paths.purchases, query);

/** The file of all purchases, or of those of a month or a year, with this extension. */
export const purchaseFilePath = (extension: string, { month, year }: HistoryPeriod) =>
  pagePath(`${paths.purchases}.${extension}`, { month, year });

/** The status of a purchase in the API. */
export const apiPurchasePath = (purchaseId: string, proof?: string) =>
  pagePath(`/api/purchases/${purchaseId}`, { accepted: proof });

export const signInPath = (returnTo: string) => pagePath(paths.signIn, { returnTo: localPath(returnTo) });

export const signInStartPath = (returnTo: string) =>
  pagePath(paths.signInStart, { returnTo: localPath(returnTo) });

export const operatorSignInPath = (returnTo: string) =>
  pagePath(paths.operatorSignIn, { returnTo: localPath(returnTo) });

/** A list of dead letters, the waiting ones by default, with its filter. */
export const deadLettersPath = (query: {
  list?: string | undefined;
  reason?: string | undefined;
  from?: string | undefined;
  before?: string | undefined;
  cursor?: string | undefined;
}) => pagePath(paths.deadLetters, { ...query, list: query.list === 'waiting' ? '' : query.list });

/** The page that replays everything, with how far it is. */
export const deadLetterReplaysPath = (progress: Readonly<Record<string, string | number | undefined>>) =>
  pathWithQuery(paths.deadLetterReplays, progress);

export const deadLetterPath = (id: string) => `${paths.deadLetters}/${id}`;
export const deadLetterContentPath = (id: string) => `${deadLetterPath(id)}/content`;
export const deadLetterReplayPath = (id: string) => `${deadLetterPath(id)}/replay`;
export const deadLetterDiscardPath = (id: string) => `${deadLetterPath(id)}/discard`;

/** A page of the operators' decisions, or of the audit log's entries of another kind. */
export const auditLogPath = (query: { kind?: AuditKind | undefined; cursor?: string | undefined }) =>
  pagePath(paths.auditLog, { ...query, kind: query.kind === 'decisions' ? undefined : query.kind });

/** The desk's search for whatever someone typed. */
export const deskSearchPath = (query: { q: string; cursor?: string | undefined }) =>
  pagePath(paths.deskSearch, query);

/** What the page "Watch it survive" shows: a purchase with its acceptance proof, and the pause that was chosen. */
export type DemoQuery = {
  purchase?: string | undefined;
  accepted?: string | undefined;
  part?: string | undefined;
  seconds?: string | undefined;
};

export const demoPath = (query: DemoQuery) => pagePath(paths.demo, query);
export const demoPausesPath = (query: DemoQuery) => pagePath(paths.demoPauses, query);
export const demoPurchasesPath = (query: DemoQuery) => pagePath(paths.demoPurchases, query);

/** The event stream for a page that shows `version` of the parts and of a purchase. */
export const demoEventsPath = (version: string, query: DemoQuery) =>
  pagePath(paths.demoEvents, { version, ...query });

/** A page of all purchases or of a search in them. */
export const allPurchasesPath = (query: {
  shopper?: string | undefined;
  purchase?: string | undefined;
  before?: string | undefined;
  cursor?: string | undefined;
}) => pagePath(paths.allPurchases, query);

/** The operators' page of one purchase. */
export const recordedPurchasePath = (shopperId: string, purchaseId: string) =>
  pagePath(`${paths.allPurchases}/${purchaseId}`, { shopper: shopperId });

/** Longer than any address that the shop's own pages have, and short enough for cookies and headers. */
const returnPathMax = 700;

/** The page that contains the form for this path. A form with errors is shown at an address that has no page. */
export function pageOfForm(path: string): string {
  if (path.startsWith(`${paths.operators}/`)) return paths.operators;
  if (path === paths.purchases) return paths.checkout;
  return path.startsWith(paths.basket) ? paths.basket : paths.catalogue;
}

/** A path of this shop to return to. Anything that leads elsewhere, and any path that is too long, becomes the start page. */
export function localPath(returnTo: unknown): string {
  const base = 'http://shop.invalid';
  if (typeof returnTo !== 'string' || !URL.canParse(returnTo, base)) return '/';
  const url = new URL(returnTo, base);
  // `//elsewhere` and `/\elsewhere` resolve to another host. Everything else is normalised to a path of this shop.
  const path = `/${url.pathname.replace(/^\/+/, '')}${url.search}`;
  return url.origin === base && path.length <= returnPathMax ? path : '/';
}

/** A path with those query parameters that are defined. */
export function pathWithQuery(
  path: string,
  query: Readonly<Record<string, string | number | undefined>>,
): string {
  const parameters = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return parameters.length === 0 ? path : `${path}?${new URLSearchParams(parameters).toString()}`;
}

/** Like `pathWithQuery`, but also without empty parameters, to keep the addresses of pages short. */
function pagePath(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const parameters = Object.entries(query).filter(([, value]) => value !== '');
  return pathWithQuery(path, Object.fromEntries(parameters));
}
