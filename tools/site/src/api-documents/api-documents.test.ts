import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { problemCodes, purchasePlacedSchema, type ProblemCode } from '@unity-purchase/contracts';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { projectRoot } from '@unity-purchase/tools';
import { generatedFiles } from './api-documents.js';
import { eventsDocument } from './events-document.js';

const require = createRequire(import.meta.url);

/** AsyncAPI's own schema of its documents, draft 7, with formats. */
function asyncApiValidator() {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(require('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object);
}

test.each([...(await generatedFiles())])('%s is what npm run docs:api writes now', async (place, text) => {
  expect(await readFile(join(projectRoot, place), 'utf8')).toBe(text);
});

test('docs/api.md names every problem code with its status', async () => {
  const text = await readFile(join(projectRoot, 'docs/api.md'), 'utf8');
  const named = [...text.matchAll(/\b([45]\d\d) `([a-z-]+)`/g)].map(([, status, code]) => [
    code,
    Number(status),
  ]);
  expect(named).not.toEqual([]);
  for (const [code, status] of named)
    expect([code, problemCodes[code as ProblemCode].status]).toEqual([code, status]);
});

describe('eventsDocument', () => {
  test('is valid AsyncAPI 3.0', () => {
    const validate = asyncApiValidator();
    expect([validate(eventsDocument), validate.errors]).toEqual([true, null]);
  });

  test('is not valid with an unknown action', () => {
    const validate = asyncApiValidator();
    const { placePurchase } = eventsDocument.operations;
    const operations = { placePurchase: { ...placePurchase, action: 'shout' } };
    expect(validate({ ...eventsDocument, operations })).toBe(false);
  });

  const { payload, examples } = eventsDocument.components.messages.purchasePlaced;

  test('has examples that the code accepts and its own schema allows', () => {
    const ajv = new Ajv({ strict: false });
    addFormats.default(ajv);
    const validate = ajv.compile(payload);
    for (const { payload: event } of examples) {
      expect(purchasePlacedSchema.parse(event)).toEqual(event);
      expect([validate(event), validate.errors]).toEqual([true, null]);
      expect(validate({ ...event, type: 'purchase.placed.v9' })).toBe(false);
    }
  });
});
