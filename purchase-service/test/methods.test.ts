import { expect, test } from '@jest/globals';
import request from 'supertest';
import { createTestApp } from './fakes/test-app.js';

const { app, operations } = createTestApp();
const paths = [...new Set(operations.map(({ path }) => path))];

test.each(paths)(
  'OPTIONS %s lists exactly its methods: it is not one of the items of another path',
  async (path) => {
    const methods = operations.filter((operation) => operation.path === path).map(({ method }) => method);
    const response = await request(app).options(path.replaceAll(/:\w+/g, 'x'));
    const allowed = response.get('Allow')?.split(/,\s*/) ?? [];
    expect(allowed.filter((method) => method !== 'HEAD').toSorted()).toEqual(methods.toSorted());
  },
);
