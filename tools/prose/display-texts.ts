import ts from 'typescript';

/** A text that people read, with the place of its first character in the source; both numbers begin at 1. */
export type DisplayText = { text: string; line: number; column: number };

/**
 * The string literals and templates of a TypeScript file, in their order, without names of properties, types and imports.
 * Each text is one line. An expression in a template becomes `X`.
 */
export function displayTextsOf(source: string): DisplayText[] {
  const file = ts.createSourceFile('texts.ts', source, ts.ScriptTarget.Latest, true);
  const texts: DisplayText[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || isPropertyName(node)) return;
    const text = textOf(node);
    if (text !== undefined && text.trim() !== '') {
      const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
      texts.push({ text: text.replaceAll(/\s+/g, ' '), line: line + 1, column: character + 2 });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return texts;
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join('');
  return undefined;
}

function isPropertyName(node: ts.Node): boolean {
  return ts.isStringLiteralLike(node) && ts.isPropertyAssignment(node.parent) && node.parent.name === node;
}
