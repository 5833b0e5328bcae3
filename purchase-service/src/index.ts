export { PurchaseHistory } from './purchases/purchase-history.js';
export { apiDocument } from './routes/api-document.js';
