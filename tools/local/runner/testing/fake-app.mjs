/** A fake service: it answers its health check, writes its environment and ends on SIGTERM. */
import { createServer } from 'node:http';

const { APP_ID, PORT, HOST, DAPR_HTTP_PORT, EXTRA = '', HEALTH = '200', LOCAL_RUNNER_TOKEN } = process.env;
createServer((request, response) => {
  response.statusCode = request.url === '/health/ready' ? Number(HEALTH) : 404;
  response.end();
}).listen(Number(PORT), HOST, () => {
  console.log(`environment ${APP_ID} ${PORT} ${DAPR_HTTP_PORT} ${EXTRA}`);
  if (LOCAL_RUNNER_TOKEN !== undefined) console.log(`token of the local runner ${LOCAL_RUNNER_TOKEN}`);
});
process.on('SIGTERM', () => {
  console.log('app ends');
  process.exit(0);
});
