/** A fake sidecar: it answers the health check on its HTTP port and ends on SIGTERM. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';

const flag = (name) => process.argv[process.argv.indexOf(name) + 1];
createServer((request, response) => {
  response.statusCode = request.url === '/v1.0/healthz' ? 204 : 404;
  response.end();
}).listen(Number(flag('--dapr-http-port')), '127.0.0.1');
console.log('arguments', process.argv.slice(2).join(' '));
const resources = process.argv.filter((_, index, all) => all[index - 1] === '--resources-path');
process.on('SIGTERM', () => {
  // Like daprd, which ends with an error.
  if (!resources.every((path) => existsSync(path))) console.log('resources are missing');
  console.log('sidecar ends');
  process.exit(0);
});
