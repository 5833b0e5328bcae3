import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';

/**
 * Resolves to `true` if a health check on this machine answers 200, and to a description of the problem otherwise. Accepts
 * any certificate, because these programs sign their own.
 */
export async function answersOk(url: string): Promise<true | string> {
  return new Promise((resolve) => {
    const request = url.startsWith('https:') ? requestTls : requestPlain;
    const sent = request(url, { rejectUnauthorized: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 || `${url} answers ${response.statusCode ?? 0}`);
    });
    sent.on('timeout', () => sent.destroy(new Error(`${url} does not answer`)));
    sent.on('error', (error) => {
      resolve(error.message);
    });
    sent.end();
  });
}
