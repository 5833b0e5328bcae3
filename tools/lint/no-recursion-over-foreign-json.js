/** @typedef {{ type: string, name?: string } & Record<string, unknown>} SyntaxNode */

/**
 * An ESLint rule: a function whose parameters have the type `unknown` somewhere must not call itself or pass itself on. Such
 * values are mostly JSON from someone else, who decides how deeply it is nested, and the stack has room for some thousand
 * levels. Use a loop, or read the text with `jsonStringsIn`.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const noRecursionOverForeignJson = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { recursion: '{{name}} visits a value of unknown depth by calling itself. Use a loop.' },
  },
  create(context) {
    const { sourceCode } = context;

    /**
     * Whether a part of a syntax tree has a node that matches.
     *
     * @param {unknown} tree
     * @param {(node: SyntaxNode) => boolean} matches
     */
    const contains = (tree, matches) => {
      const waiting = [/** @type {SyntaxNode} */ (tree)];
      for (let node = waiting.pop(); node; node = waiting.pop()) {
        if (matches(node)) return true;
        for (const key of sourceCode.visitorKeys[node.type] ?? [])
          waiting.push(.../** @type {SyntaxNode[]} */ ([node[key]].flat().filter(Boolean)));
      }
      return false;
    };

    /**
     * @param {string | undefined} name
     * @param {Pick<import('estree').Function, 'params' | 'body'>} definition
     */
    const check = (name, { params, body }) => {
      if (name === undefined) return;
      const takesUnknown = params.some((parameter) =>
        contains(parameter, ({ type }) => type === 'TSUnknownKeyword'),
      );
      if (takesUnknown && contains(body, (node) => node.type === 'Identifier' && node.name === name))
        context.report({ node: body, messageId: 'recursion', data: { name } });
    };

    return {
      FunctionDeclaration: (node) => check(node.id?.name, node),
      VariableDeclarator: ({ id, init }) => {
        if (init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression')
          check(id.type === 'Identifier' ? id.name : undefined, init);
      },
    };
  },
};
