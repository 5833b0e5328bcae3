export { createApp } from './app.js';
export { configure } from './config.js';
export { createDependencies } from './dependencies.js';
export { paths } from './paths.js';
export { readInputs } from './read-inputs.js';
export { apiDocument, apiRouters } from './routes/api-document.js';
