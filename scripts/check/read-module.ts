import ts from 'typescript';

/** What the checks need to know of one source file. */
export interface ModuleFacts {
  readonly imports: readonly {
    readonly specifier: string;
    readonly line: number;
    readonly typeOnly: boolean;
  }[];
  /** String and template literals with their text (placeholders as a space). */
  readonly literals: readonly { readonly text: string; readonly line: number }[];
  /** `ownLines` leaves out the functions inside, which are counted for themselves. */
  readonly functions: readonly { readonly name: string; readonly line: number; readonly ownLines: number }[];
  /** Lines that mention `process.env`. */
  readonly environment: readonly number[];
  /** Lines that take `permissions` or `scoped` out of somebody who acts. */
  readonly rights: readonly number[];
  /** Calls of `skip`, `skipIf` and `todo`. */
  readonly skips: readonly { readonly line: number; readonly on: string; readonly reason: string | null }[];
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

/** Parses a file with TypeScript's parser (no types, so milliseconds) and collects the facts. */
export function readModule(file: string, text: string): ModuleFacts {
  const kind = /\.[jt]sx$/.test(file) ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false, kind);
  const facts: Writable<ModuleFacts> = {
    imports: [],
    literals: [],
    functions: [],
    environment: [],
    rights: [],
    skips: [],
  };
  const lineOf = (node: ts.Node): number =>
    source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const visit = (node: ts.Node): void => {
    collectImport(node, lineOf, facts);
    collectLiteral(node, lineOf, facts);
    collectFunction(node, source, lineOf, facts);
    if (ts.isPropertyAccessExpression(node) && node.getText(source) === 'process.env') {
      facts.environment.push(lineOf(node));
    }
    if (takesRights(node, source)) facts.rights.push(lineOf(node));
    collectSkip(node, source, lineOf, facts);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return facts;
}

const RIGHTS: ReadonlySet<string> = new Set(['permissions', 'scoped']);
const ACTS = /(caller|principal)\)?!?$/i;

/** `caller.permissions`, `request.caller['scoped']` or `const { permissions } = caller`. */
function takesRights(node: ts.Node, source: ts.SourceFile): boolean {
  if (ts.isPropertyAccessExpression(node))
    return RIGHTS.has(node.name.text) && ACTS.test(node.expression.getText(source));
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression))
    return RIGHTS.has(node.argumentExpression.text) && ACTS.test(node.expression.getText(source));
  if ((!ts.isVariableDeclaration(node) && !ts.isParameter(node)) || !ts.isObjectBindingPattern(node.name))
    return false;
  const from = node.initializer ?? node.type;
  if (from === undefined || !ACTS.test(from.getText(source))) return false;
  return node.name.elements.some((one) => RIGHTS.has((one.propertyName ?? one.name).getText(source)));
}

type LineOf = (node: ts.Node) => number;

function collectImport(node: ts.Node, lineOf: LineOf, facts: Writable<ModuleFacts>): void {
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) {
      facts.imports.push({ specifier: specifier.text, line: lineOf(specifier), typeOnly });
    }
  };
  if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.isTypeOnly === true);
  else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
  else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    add(node.arguments[0], false);
  } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    add(node.argument.literal, true);
}

function collectLiteral(node: ts.Node, lineOf: LineOf, facts: Writable<ModuleFacts>): void {
  if (ts.isStringLiteralLike(node)) facts.literals.push({ text: node.text, line: lineOf(node) });
  else if (ts.isTemplateExpression(node)) {
    const parts = [node.head.text, ...node.templateSpans.map((span) => span.literal.text)];
    facts.literals.push({ text: parts.join(' '), line: lineOf(node) });
  }
}

function collectFunction(
  node: ts.Node,
  source: ts.SourceFile,
  lineOf: LineOf,
  facts: Writable<ModuleFacts>,
): void {
  if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
  const name = 'name' in node && node.name !== undefined ? node.name.getText(source) : 'a function';
  const inner = (parent: ts.Node): number => {
    let lines = 0;
    ts.forEachChild(parent, (child) => {
      lines += ts.isFunctionLike(child) ? linesOf(child, source) - 1 : inner(child);
    });
    return lines;
  };
  facts.functions.push({ name, line: lineOf(node), ownLines: linesOf(node, source) - inner(node) });
}

function linesOf(node: ts.Node, source: ts.SourceFile): number {
  const line = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  return line(node.end) - line(node.getStart(source)) + 1;
}

function collectSkip(
  node: ts.Node,
  source: ts.SourceFile,
  lineOf: LineOf,
  facts: Writable<ModuleFacts>,
): void {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return;
  const { name, expression } = node.expression;
  if (!['skip', 'skipIf', 'runIf', 'todo'].includes(name.text)) return;
  const [first] = node.arguments;
  const reason = first !== undefined && ts.isStringLiteralLike(first) ? first.text : null;
  facts.skips.push({ line: lineOf(node), on: expression.getText(source), reason });
}
