/**
 * A node of any kind. ESLint's own types lack those of its TypeScript parser.
 *
 * @typedef {any} SyntaxNode
 */
/** @typedef {'map' | 'list' | 'object'} Kind */
/** @typedef {{ target: SyntaxNode, kind: Kind, owner: SyntaxNode }} Collection */

const functionTypes = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const wrapperTypes = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'ChainExpression',
]);

/** Calls of a library that keeps what it counts in an unbounded map, unless it is given a store. */
const librariesWithStore = new Set(['rateLimit']);

/**
 * An ESLint rule: a Map, Set, array or object that lives as long as its module, its instance or a returned function must not
 * grow without a bound. Someone else decides how often it grows. These bounds count:
 *
 * - one of the classes in the option `boundedClasses` holds the entries, so the collection is not one of these types at all;
 * - the function that adds throws while the collection has its largest size, or shortens a longer list;
 * - the function that adds a part of the work in progress also says how it is removed: in a nested function or in `finally`.
 *
 * @type {import('eslint').Rule.RuleModule}
 */
export const noUnboundedCollection = {
  meta: {
    type: 'problem',
    schema: [
      {
        type: 'object',
        properties: { boundedClasses: { type: 'array', items: { type: 'string' } } },
        additionalProperties: false,
      },
    ],
    messages: {
      grows:
        '{{name}} grows for as long as it lives. Use a bounded class, refuse to add while it is full, or remove what was added when the work ends.',
      store: '{{name}} keeps its counts in an unbounded map. Give it a bounded store.',
    },
  },
  create(context) {
    const { sourceCode } = context;
    const boundedClasses = new Set(context.options[0]?.boundedClasses ?? []);

    /**
     * The nodes of a part of a syntax tree, itself included.
     *
     * @param {SyntaxNode} tree
     * @returns {Generator<SyntaxNode>}
     */
    function* nodesIn(tree) {
      const waiting = [tree];
      for (let node = waiting.pop(); node; node = waiting.pop()) {
        yield node;
        for (const key of sourceCode.visitorKeys[node.type] ?? [])
          waiting.push(.../** @type {SyntaxNode[]} */ ([node[key]].flat().filter(Boolean)));
      }
    }

    /** @param {SyntaxNode} tree @param {(node: SyntaxNode) => boolean} matches */
    const contains = (tree, matches) => {
      for (const node of nodesIn(tree)) if (matches(node)) return true;
      return false;
    };

    /** @param {SyntaxNode} node @returns {SyntaxNode} */
    const unwrapped = (node) => {
      let inner = node;
      while (wrapperTypes.has(inner.type)) inner = inner.expression;
      return inner;
    };

    /**
     * The functions around a node, the nearest first, up to the owner, which is not one of them.
     *
     * @param {SyntaxNode} node
     * @param {SyntaxNode} owner
     */
    const functionsAround = (node, owner) => {
      const functions = [];
      for (let around = node.parent; around && around !== owner; around = around.parent)
        if (functionTypes.has(around.type)) functions.push(around);
      return functions;
    };

    /** @param {SyntaxNode} node @param {(node: SyntaxNode) => boolean} matches @returns {SyntaxNode | undefined} */
    const nearest = (node, matches) => {
      let around = node.parent;
      while (around && !matches(around)) around = around.parent;
      return around ?? undefined;
    };

    /** @param {SyntaxNode} identifier */
    const variableOf = (identifier) => {
      const innermost = sourceCode.getScope(identifier);
      for (let scope = /** @type {typeof innermost | null} */ (innermost); scope; scope = scope.upper) {
        const variable = scope.set.get(identifier.name);
        if (variable !== undefined) return variable;
      }
      return undefined;
    };

    /** @param {SyntaxNode} node */
    const textOf = (node) => sourceCode.getText(unwrapped(node));

    /**
     * The kind of collection that a value creates, or undefined if it is something else.
     *
     * @param {SyntaxNode | null | undefined} value
     * @returns {Kind | undefined}
     */
    const kindOf = (value) => {
      if (!value) return undefined;
      const { type, callee } = unwrapped(value);
      if (type === 'ArrayExpression') return 'list';
      if (type === 'ObjectExpression') return 'object';
      if (type === 'NewExpression' && ['Map', 'Set'].includes(callee.name)) return 'map';
      if (type === 'NewExpression' && callee.name === 'Array') return 'list';
      if (type === 'CallExpression' && textOf(callee) === 'Object.create') return 'object';
      return undefined;
    };

    /** @param {SyntaxNode} node */
    const isConstructor = (node) =>
      node.parent.type === 'MethodDefinition' && node.parent.kind === 'constructor';

    /**
     * What is assigned to a member of `this` when its instance is created.
     *
     * @param {SyntaxNode} classBody
     * @param {SyntaxNode} property
     * @returns {SyntaxNode | undefined}
     */
    const initialValue = (classBody, property) => {
      const name = textOf(property);
      for (const member of classBody.body) {
        if (member.type === 'PropertyDefinition' && textOf(member.key) === name && member.value)
          return member.value;
        if (member.type !== 'MethodDefinition' || member.kind !== 'constructor') continue;
        for (const node of nodesIn(member.value))
          if (
            node.type === 'AssignmentExpression' &&
            node.left.type === 'MemberExpression' &&
            node.left.object.type === 'ThisExpression' &&
            textOf(node.left.property) === name
          )
            return node.right;
      }
      return undefined;
    };

    /**
     * The collection that an expression names, with the module, class body or function that creates it.
     *
     * @param {SyntaxNode} expression
     * @returns {Collection | undefined}
     */
    const collectionOf = (expression) => {
      const target = unwrapped(expression);
      if (target.type === 'MemberExpression' && target.object.type === 'ThisExpression') {
        const owner = nearest(target, ({ type }) => type === 'ClassBody');
        const kind = owner && kindOf(initialValue(owner, target.property));
        return kind && { target, kind, owner };
      }
      if (target.type !== 'Identifier') return undefined;
      const definition = variableOf(target)?.defs[0];
      const declarator = /** @type {SyntaxNode | undefined} */ (definition?.node);
      if (definition?.type !== 'Variable' || declarator?.id.type !== 'Identifier') return undefined;
      const { init } = declarator;
      // Another name for a member of `this`.
      if (init?.type === 'MemberExpression' && init.object.type === 'ThisExpression')
        return collectionOf(init);
      const kind = kindOf(init);
      const owner = nearest(declarator, ({ type }) => type === 'Program' || functionTypes.has(type));
      return kind && owner && { target, kind, owner };
    };

    /**
     * The functions that are called or handed out by what a function returns. They live on when it has returned.
     *
     * @param {SyntaxNode} owner
     */
    const survivorsOf = (owner) => {
      const survivors = new Set();
      /** @type {(SyntaxNode | undefined)[]} */
      const waiting = [];
      const returned =
        owner.body.type === 'BlockStatement'
          ? [...nodesIn(owner.body)].filter(
              (node) =>
                node.type === 'ReturnStatement' &&
                node.argument &&
                nearest(node, ({ type }) => functionTypes.has(type)) === owner,
            )
          : [owner.body];
      /** @param {SyntaxNode} identifier @returns {SyntaxNode | undefined} */
      const functionNamed = (identifier) => {
        const node = /** @type {SyntaxNode | undefined} */ (variableOf(identifier)?.defs[0]?.node);
        return node?.type === 'VariableDeclarator' ? node.init : node;
      };
      for (const tree of returned)
        for (const node of nodesIn(tree)) {
          if (functionTypes.has(node.type)) waiting.push(node);
          if (node.type === 'Identifier') waiting.push(functionNamed(node));
        }
      for (let node = waiting.pop(); waiting.length > 0 || node; node = waiting.pop()) {
        if (!node || !functionTypes.has(node.type) || survivors.has(node)) continue;
        survivors.add(node);
        for (const inner of nodesIn(node.body))
          if (inner.type === 'CallExpression' && inner.callee.type === 'Identifier')
            waiting.push(functionNamed(inner.callee));
      }
      return survivors;
    };

    /** @param {SyntaxNode} node @param {Collection} collection */
    const isLongLived = (node, { owner }) => {
      const around = functionsAround(node, owner);
      const [innermost] = around;
      if (innermost === undefined) return false;
      if (owner.type === 'Program') return true;
      if (owner.type === 'ClassBody') return !isConstructor(innermost);
      const survivors = survivorsOf(owner);
      return around.some((candidate) => survivors.has(candidate));
    };

    /** @param {SyntaxNode} left @param {SyntaxNode} right */
    const sameText = (left, right) => textOf(left) === textOf(right);

    /**
     * Whether a node calls one of the methods of the collection.
     *
     * @param {SyntaxNode} node
     * @param {Collection} collection
     * @param {readonly string[]} methods
     */
    const calls = (node, { target }, methods) =>
      node.type === 'CallExpression' &&
      node.callee.type === 'MemberExpression' &&
      methods.includes(node.callee.property.name) &&
      sameText(node.callee.object, target);

    /**
     * Whether a node compares the size of the collection with something.
     *
     * @param {SyntaxNode} node
     * @param {Collection} collection
     */
    const comparesSize = (node, { target }) =>
      node.type === 'BinaryExpression' &&
      ['<', '<=', '>', '>='].includes(node.operator) &&
      [node.left, node.right].some(
        (side) =>
          side.type === 'MemberExpression' &&
          ['size', 'length'].includes(side.property.name) &&
          sameText(side.object, target),
      );

    /** @param {SyntaxNode} around @param {Collection} collection */
    const isRefusedWhenFull = (around, collection) =>
      contains(
        around,
        (node) =>
          node.type === 'IfStatement' &&
          contains(node.test, (part) => comparesSize(part, collection)) &&
          contains(
            node.consequent,
            (part) =>
              part.type === 'ThrowStatement' ||
              (collection.kind === 'list' && calls(part, collection, ['shift', 'pop', 'splice'])),
          ),
      );

    /** @param {SyntaxNode} around @param {Collection} collection */
    const isRemovedAfterwards = (around, collection) =>
      contains(around, (node) => {
        if (!calls(node, collection, ['delete'])) return false;
        const within = nearest(
          node,
          (outer) =>
            functionTypes.has(outer.type) ||
            (outer.parent?.type === 'TryStatement' && outer.parent.finalizer === outer),
        );
        return within !== around;
      });

    /** @param {SyntaxNode} node @param {string} messageId @param {string} name */
    const report = (node, messageId, name) => {
      context.report({ node, messageId, data: { name } });
    };

    /** @param {SyntaxNode} node @param {SyntaxNode} expression @param {readonly Kind[]} kinds */
    const check = (node, expression, kinds) => {
      const collection = collectionOf(expression);
      if (collection === undefined || !kinds.includes(collection.kind)) return;
      if (!isLongLived(node, collection)) return;
      const { target, owner } = collection;
      const className = owner.type === 'ClassBody' ? owner.parent.id?.name : undefined;
      if (boundedClasses.has(className)) return;
      const isBounded = functionsAround(node, owner).some(
        (around) => isRefusedWhenFull(around, collection) || isRemovedAfterwards(around, collection),
      );
      if (!isBounded) report(node, 'grows', textOf(target));
    };

    return {
      /** @param {SyntaxNode} node */
      CallExpression(node) {
        const { callee } = node;
        if (callee.type === 'Identifier' && librariesWithStore.has(callee.name)) {
          const [options] = node.arguments;
          const hasStore = options?.properties?.some(
            (/** @type {SyntaxNode} */ { key }) => key?.name === 'store',
          );
          if (!hasStore) report(node, 'store', callee.name);
        }
        if (callee.type !== 'MemberExpression') return;
        const method = callee.property.name;
        if (method === 'set' || method === 'add') check(node, callee.object, ['map']);
        if (method === 'push' || method === 'unshift') check(node, callee.object, ['list']);
      },
      /** @param {SyntaxNode} node */
      AssignmentExpression(node) {
        const { left, right } = node;
        if (left.type === 'MemberExpression' && left.computed && left.property.type !== 'Literal')
          check(node, left.object, ['list', 'object']);
        const parts = right.elements ?? right.properties ?? [];
        const addsToItself = parts.some(
          (/** @type {SyntaxNode | null} */ part) =>
            part?.type === 'SpreadElement' && sameText(part.argument, left),
        );
        if (addsToItself) check(node, left, ['list', 'object']);
      },
    };
  },
};
