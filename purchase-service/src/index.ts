export { createApp } from './app.js';
export { configure } from './config.js';
export { createDependencies } from './dependencies.js';
export { lastMonths } from './purchases/calendar.js';
export { shardCount } from './purchases/journal-place.js';
export { PurchaseHistory } from './purchases/purchase-history.js';
export { apiDocument, apiRouters } from './routes/api-document.js';
export { takeDeadLetter } from './routes/dead-letter-events.js';
export { takePurchaseEvent } from './routes/events.js';
