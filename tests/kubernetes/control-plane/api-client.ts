import { request } from 'node:https';

/** The answer of an API server. */
export type ApiAnswer = { status: number; text: string };

/** Sends requests to an API server with all permissions. */
export type ApiClient = {
  /** Rejects if the server does not answer in time. */
  get: (path: string) => Promise<ApiAnswer>;
  /** The answer as JSON, with the type that the caller expects. Rejects with the answer's text for another status than 200. */
  getJson: <T>(path: string) => Promise<T>;
};

const answerTimeoutMs = 5_000;

/** Faster than `kubectl`, which would start a program for each request. */
export function createApiClient(server: {
  host: string;
  port: number;
  token: string;
  certificate: () => string;
}): ApiClient {
  const get = async (path: string): Promise<ApiAnswer> =>
    new Promise((resolve, reject) => {
      const sent = request(
        {
          host: server.host,
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
      sent.on('timeout', () => sent.destroy(new Error(`the API server does not answer: ${path}`)));
      sent.on('error', reject);
      sent.end();
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
