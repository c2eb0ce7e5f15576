import ts from 'typescript';

const LEVELS = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);

/**
 * Calls of a process log whose text is not a plain string literal, as `line: source`. A text that is built can carry what
 * somebody wrote or what a peer sent; facts belong in the fields, which are a fixed list.
 */
export function builtLogTexts(source: string): { built: string[]; calls: number } {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const built: string[] = [];
  let calls = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isLogCall(node)) {
      calls++;
      const text = node.arguments[0];
      if (text === undefined || !isStatic(text)) {
        built.push(`${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${node.getText()}`);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { built, calls };
}

/** A literal, or a choice between literals. */
function isStatic(text: ts.Expression): boolean {
  if (ts.isConditionalExpression(text)) return isStatic(text.whenTrue) && isStatic(text.whenFalse);
  return ts.isStringLiteral(text);
}

/** `log.info(…)`, `this.log.warn(…)`, `parts.logger?.error(…)`. */
function isLogCall(node: ts.CallExpression): boolean {
  if (!ts.isPropertyAccessExpression(node.expression) || !LEVELS.has(node.expression.name.text)) return false;
  return /(^|[.?#])(log|logger|[a-zA-Z]+Log)!?$/.test(node.expression.expression.getText());
}
