/** A fake sidecar: it answers the health check on its HTTP port and ends on SIGTERM. */
import { createServer } from 'node:http';

const flag = (name) => process.argv[process.argv.indexOf(name) + 1];
createServer((request, response) => {
  response.statusCode = request.url === '/v1.0/healthz' ? 204 : 404;
  response.end();
}).listen(Number(flag('--dapr-http-port')), '127.0.0.1');
console.log('arguments', process.argv.slice(2).join(' '));
process.on('SIGTERM', () => {
  console.log('sidecar ends');
  process.exit(0);
});
