import { request } from 'node:https';

/** What an API server answered. */
export type ApiAnswer = { status: number; text: string };

/** Asks one API server as somebody who may do everything. */
export type ApiClient = {
  /** Rejects when nobody answers in time. */
  get: (path: string) => Promise<ApiAnswer>;
  /** The answer as JSON, which the caller knows the shape of; rejects with what is said instead of a 200. */
  getJson: <T>(path: string) => Promise<T>;
};

const answerTimeoutMs = 5_000;

/** Not `kubectl`: a program per look would be more work than all that is looked at. */
export function createApiClient(server: {
  port: number;
  token: string;
  certificate: () => string;
}): ApiClient {
  const get = async (path: string): Promise<ApiAnswer> =>
    new Promise((resolve, reject) => {
      const asked = request(
        {
          host: '127.0.0.1',
          port: server.port,
          path,
          ca: server.certificate(),
          headers: { authorization: `Bearer ${server.token}` },
          timeout: answerTimeoutMs,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
          });
        },
      );
      asked.on('timeout', () => asked.destroy(new Error(`the API server does not answer: ${path}`)));
      asked.on('error', reject);
      asked.end();
    });
  return {
    get,
    getJson: async <T>(path: string) => {
      const { status, text } = await get(path);
      if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
      return JSON.parse(text) as T;
    },
  };
}
