export { PurchaseHistory } from './purchases/purchase-history.js';
