import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';

/**
 * `true` when a health check of this machine answers 200, or what it answers. Certificates are not looked at: these
 * programs make their own.
 */
export async function answersOk(url: string): Promise<true | string> {
  return new Promise((resolve) => {
    const request = url.startsWith('https:') ? requestTls : requestPlain;
    const asked = request(url, { rejectUnauthorized: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 || `${url} answers ${response.statusCode ?? 0}`);
    });
    asked.on('timeout', () => asked.destroy(new Error(`${url} does not answer`)));
    asked.on('error', (error) => {
      resolve(error.message);
    });
    asked.end();
  });
}
