/** Every address of the shop. */
export const paths = {
  catalogue: '/',
  product: '/products/:sku',
  purchases: '/purchases',
  purchase: '/purchases/:purchaseId',
  signIn: '/sign-in',
  signInStart: '/sign-in/start',
  signInCallback: '/sign-in/callback',
  signOut: '/sign-out',
  signedOut: '/signed-out',
  operators: '/operators',
  operatorSignIn: '/operators/sign-in',
  deadLetters: '/operators/dead-letters',
  deadLetter: '/operators/dead-letters/:id',
  deadLetterDecision: '/operators/dead-letters/:id/:decision',
  apiDocument: '/openapi.json',
  apiPurchases: '/api/purchases',
  apiPurchase: '/api/purchases/:purchaseId',
} as const;

export const productPath = (sku: string) => `/products/${encodeURIComponent(sku)}`;

/** `proof` says that this purchase was accepted: see `acceptance-proof.ts`. */
export const purchasePath = (purchaseId: string, proof?: string) =>
  withProof(`/purchases/${purchaseId}`, proof);

/** The file of all purchases with this ending. */
export const purchaseFilePath = (ending: string) => `${paths.purchases}.${ending}`;

export const apiPurchasePath = (purchaseId: string, proof?: string) =>
  withProof(`/api/purchases/${purchaseId}`, proof);

export const signInPath = (returnTo: string) =>
  `${paths.signIn}?${new URLSearchParams({ returnTo }).toString()}`;

export const signInStartPath = (returnTo: string) =>
  `${paths.signInStart}?${new URLSearchParams({ returnTo }).toString()}`;

export const operatorSignInPath = (returnTo: string) =>
  `${paths.operatorSignIn}?${new URLSearchParams({ returnTo }).toString()}`;

export const deadLetterPath = (id: string) => `${paths.deadLetters}/${id}`;

function withProof(path: string, proof: string | undefined): string {
  return proof === undefined ? path : `${path}?accepted=${proof}`;
}
