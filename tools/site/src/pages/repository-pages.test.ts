import { describe, expect, test } from '@jest/globals';
import { sitePage } from './repository-pages.js';

const pages = new Set([
  'README.md',
  'SECURITY.md',
  'docs/api.md',
  'docs/operators/README.md',
  'docs/operators/desk.md',
]);
const page = (markdown: string, path = 'docs/operators/desk.md') => sitePage(path, markdown, pages);
const code = 'https://github.com/unity-purchase/unity-purchase-system';

describe('a link of a page of the repository', () => {
  test.each([
    ['another page', '../api.md#errors', '../api.md#errors'],
    ["a folder's page", 'README.md', './index.md'],
    ['the first page', '../../README.md#start-it', '../../index.md#start-it'],
    ['a folder that has a page', '../operators', './index.md'],
    ['the document of an API', '../api/storefront.openapi.json', '../api/storefront.openapi.md'],
    ['a place on the page', '#here', '#here'],
    ['elsewhere', 'https://dapr.io', 'https://dapr.io'],
    ['code', '../../storefront/src/app.ts', `${code}/blob/main/storefront/src/app.ts`],
    ['a folder of code', '../../components/brokers', `${code}/tree/main/components/brokers`],
  ])('to %s works on the site', (_what, link, expected) => {
    expect(page(`[it](${link}) and [\`it\`](${link})`)).toBe(`[it](${expected}) and [\`it\`](${expected})`);
  });

  test('is also changed in a link definition', () => {
    expect(page('[it] and [that]\n\n[it]: ../api.md\n[that]: https://dapr.io\n')).toBe(
      '[it] and [that]\n\n[it]: ../api.md\n[that]: https://dapr.io\n',
    );
    expect(page('[it]: ../../SECURITY.md', 'docs/operators/README.md')).toBe('[it]: ../../SECURITY.md');
    expect(page('[it]: README.md')).toBe('[it]: ./index.md');
  });

  test('to a missing file fails with its name', () => {
    expect(() => page('[it](../../nothing.ts)')).toThrow('docs/operators/desk.md links to nothing.ts');
  });

  test('in code stays unchanged', () => {
    const markdown = '`[it](nothing.md)`\n\n```sh\n[it](nothing.md)\n```\n';
    expect(page(markdown)).toBe(markdown);
  });
});

test('shows readers why a command is not run, and keeps braces as text', () => {
  expect(page('<!-- not run: it needs a cluster -->\n\n{{ x }} `{{ y }}`')).toBe(
    '_Not run by a test: it needs a cluster._\n\n&#123;&#123; x }} `{{ y }}`',
  );
});
