import ts from 'typescript';

const SHELLS = new Set(['exec', 'execSync']);

/**
 * What in a source lets a text become code, a module or a command line, as the source of it: `eval` and its likes, the `import()` or
 * `require` of anything but a literal, and whatever starts a shell. Each is a way from what somebody wrote to what we run.
 */
export function textAsCode(source: string): string[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isTextAsCode(node)) found.push(node.getText());
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isTextAsCode(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) return ['Function', 'vm.Script'].includes(node.expression.getText());
  // spawn and execFile run a shell where they are told to.
  if (ts.isPropertyAssignment(node)) return node.name.getText() === 'shell' && node.initializer.getText() !== 'false';
  if (ts.isImportDeclaration(node)) return importsAShell(node);
  if (!ts.isCallExpression(node)) return false;
  const [argument] = node.arguments;
  const name = node.expression.getText().replace(/^(globalThis|window)\./, '');
  if (node.expression.kind === ts.SyntaxKind.ImportKeyword || name === 'require') return !isLiteral(argument);
  if (name === 'eval' || name === 'Function') return true;
  if (name === 'setTimeout' || name === 'setInterval')
    return argument !== undefined && ts.isStringLiteralLike(argument);
  return false;
}

/** `import { exec } from 'node:child_process'`, and the whole of `node:vm`. */
function importsAShell({ moduleSpecifier, importClause }: ts.ImportDeclaration): boolean {
  if (!ts.isStringLiteral(moduleSpecifier)) return false;
  const name = moduleSpecifier.text.replace(/^node:/, '');
  if (name === 'vm') return true;
  const bindings = importClause?.namedBindings;
  if (name !== 'child_process' || bindings === undefined) return false;
  // Behind a namespace any of them could be called.
  if (ts.isNamespaceImport(bindings)) return true;
  return bindings.elements.some((element) => SHELLS.has((element.propertyName ?? element.name).text));
}

function isLiteral(node: ts.Expression | undefined): boolean {
  return node !== undefined && ts.isStringLiteralLike(node);
}
