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

    /** Whether a part of a syntax tree has a node that matches. */
    const contains = (node, matches) => {
      const waiting = [node];
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        if (matches(next)) return true;
        for (const key of sourceCode.visitorKeys[next.type] ?? [])
          waiting.push(...[next[key]].flat().filter(Boolean));
      }
      return false;
    };

    const check = (name, { params, body }) => {
      if (name === undefined) return;
      const takesUnknown = params.some((parameter) =>
        contains(parameter, ({ type }) => type === 'TSUnknownKeyword'),
      );
      const namesItself = ({ type, name: found }) => type === 'Identifier' && found === name;
      if (takesUnknown && contains(body, namesItself))
        context.report({ node: body, messageId: 'recursion', data: { name } });
    };

    return {
      FunctionDeclaration: (node) => check(node.id?.name, node),
      VariableDeclarator: ({ id, init }) => {
        if (init?.type === 'ArrowFunctionExpression' || init?.type === 'FunctionExpression')
          check(id.name, init);
      },
    };
  },
};
