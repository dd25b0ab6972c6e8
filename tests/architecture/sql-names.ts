/**
 * What the compiler knows of a name: where it is declared, who uses it, what a function returns, whether a type is a constant. Used by sql-flow.ts
 * to follow the text of SQL. In: nodes of the syntax tree. Out: other nodes.
 */
import * as ast from 'typescript/unstable/ast';
import type { Node } from 'typescript/unstable/ast';
import { SymbolFlags, TypeFlags } from 'typescript/unstable/sync';
import type { Checker, Symbol as Named, Type } from 'typescript/unstable/sync';
import { ROOT } from './imports.ts';

/** Owners of methods whose first argument is SQL. */
const ENGINES: Readonly<Record<string, RegExp>> = {
  SqlEngine: /^(query|execute|write)$/,
  DuckDBConnection: /^(run|runAndReadAll|extractStatements)$/,
};

/** The expression that an engine takes as SQL here, or null. */
export function takenAsSql(checker: Checker, node: Node): Node | null {
  if (ast.isPropertyAssignment(node) && textOf(node.name) === 'QueryString') return node.initializer;
  if (!ast.isCallExpression(node) || !ast.isPropertyAccessExpression(node.expression)) return null;
  const { name } = node.expression;
  const methods = Object.values(ENGINES).some((pattern) => pattern.test(name.text));
  if (!methods) return null;
  const owner = checker.getSymbolAtLocation(name)?.getParent()?.name ?? '';
  return ENGINES[owner]?.test(name.text) === true ? (node.arguments[0] ?? null) : null;
}

/** The expression that is put into a member that holds SQL, or null. */
export function keptAsSql(checker: Checker, node: Node, members: Readonly<Record<string, string>>): Node | null {
  const isKept = ast.isPropertyAssignment(node) || ast.isShorthandPropertyAssignment(node);
  if (!isKept || !Object.keys(members).some((name) => name.endsWith(`.${textOf(node.name)}`))) return null;
  const owner = ownerOf(checker.getContextualType(node.parent as ast.Expression), checker, textOf(node.name));
  if (!Object.hasOwn(members, `${owner}.${textOf(node.name)}`)) return null;
  return ast.isPropertyAssignment(node) ? node.initializer : node.name;
}

/** `Type.member` of a property that is read. */
export function memberOf(checker: Checker, node: ast.PropertyAccessExpression | ast.BindingElement): string {
  if (ast.isPropertyAccessExpression(node))
    return `${checker.getSymbolAtLocation(node.name)?.getParent()?.name ?? ''}.${node.name.text}`;
  const name = textOf(node.propertyName ?? node.name ?? node);
  return `${ownerOf(checker.getTypeAtLocation(node.parent), checker, name)}.${name}`;
}

/** The type that declares a member; of several possible types the first that has it. */
function ownerOf(type: Type | undefined, checker: Checker, member: string): string {
  const parts = type === undefined ? [] : type.isUnionType() ? type.getTypes() : [type];
  return parts.map((part) => checker.getPropertyOfType(part, member)?.getParent()?.name).find(Boolean) ?? '';
}

/** What a destructured name is taken out of. */
export function outermost(node: Node): Node {
  const above = node.parent.parent;
  return ast.isBindingElement(above) ? outermost(above) : above;
}

/** What the members of an object are. */
export function valuesOf(node: ast.ObjectLiteralExpression): Node[] {
  return node.properties.flatMap((one): Node[] => {
    if (ast.isPropertyAssignment(one)) return [one.initializer];
    if (ast.isSpreadAssignment(one)) return [one.expression];
    return ast.isShorthandPropertyAssignment(one) ? [one.name] : [];
  });
}

/** The expression without what does not change its value. */
export function bare(node: Node): Node {
  if (
    ast.isParenthesizedExpression(node) ||
    ast.isAwaitExpression(node) ||
    ast.isAsExpression(node) ||
    ast.isNonNullExpression(node) ||
    ast.isSpreadElement(node)
  )
    return bare(node.expression);
  return node;
}

/** A text as it is written. */
export function isText(node: Node): boolean {
  return ast.isStringLiteral(node) || ast.isNoSubstitutionTemplateLiteral(node);
}

/** A number, or one of a few texts that the type spells out. */
export function isConstant(checker: Checker, node: Node): boolean {
  const type = checker.getTypeAtLocation(node);
  if (type === undefined) return false;
  const plain = TypeFlags.NumberLike | TypeFlags.BigIntLike | TypeFlags.StringLiteral | TypeFlags.BooleanLike;
  const parts = type.isUnionType() ? type.getTypes() : [type];
  return parts.every(({ flags }) => (flags & plain) !== 0);
}

/** Where a name is declared, through imports. */
export function declarationOf(checker: Checker, node: Node): Node | undefined {
  const isShort = ast.isShorthandPropertyAssignment(node.parent);
  let symbol: Named | undefined = isShort
    ? checker.getShorthandAssignmentValueSymbol(node.parent)
    : checker.getSymbolAtLocation(node);
  if (symbol !== undefined && (symbol.flags & SymbolFlags.Alias) !== 0) symbol = checker.getAliasedSymbol(symbol);
  return (symbol?.valueDeclaration ?? symbol?.declarations[0])?.resolve();
}

/** The function that a declaration gives a name to. */
export function functionOf(node: Node): ast.FunctionLikeDeclaration | undefined {
  if (ast.isFunctionDeclaration(node) || ast.isArrowFunction(node) || ast.isMethodDeclaration(node)) return node;
  const value = ast.isVariableDeclaration(node) || ast.isPropertyAssignment(node) ? node.initializer : undefined;
  return value !== undefined && ast.isArrowFunction(value) ? value : undefined;
}

/** The name under which a function is called, if it has one. */
export function nameOf(owner: Node): Node | undefined {
  if (ast.isFunctionDeclaration(owner) || ast.isMethodDeclaration(owner)) return owner.name;
  const { parent } = owner;
  return ast.isVariableDeclaration(parent) || ast.isPropertyAssignment(parent) ? parent.name : undefined;
}

/** Everything a function returns. */
export function resultsOf(own: ast.FunctionLikeDeclaration): Node[] {
  const { body } = own as { body?: Node };
  if (body === undefined) return [];
  if (!ast.isBlock(body)) return [body];
  const results: Node[] = [];
  const visit = (node: Node): void => {
    if (ast.isReturnStatement(node) && node.expression !== undefined) results.push(node.expression);
    if (!ast.isArrowFunction(node) && !ast.isFunctionDeclaration(node)) node.forEachChild(visit);
  };
  body.forEachChild(visit);
  return results;
}

/** Everywhere a declared name is used, also where `const { name } = await import(…)` gives it again. */
export function referencesTo(checker: Checker, name: Node): Node[] {
  const all = checker
    .getReferencedSymbolsForNode(name, name.getStart())
    .flatMap(({ references }) => references.map((one) => one.resolve()))
    .filter((node) => node !== undefined)
    .filter((node) => node !== name);
  const again = all.filter((node) => ast.isBindingElement(node.parent) && node.parent.name === node);
  return [...all, ...again.flatMap((node) => localUses(checker, node))];
}

/** Uses in the same file of a name that is declared there. */
function localUses(checker: Checker, name: Node): Node[] {
  const declared = checker.getSymbolAtLocation(name);
  if (declared === undefined) return [];
  const uses = checker.getReferencesToSymbolInFile(name.getSourceFile().fileName, declared);
  return uses
    .map((one) => one.resolve())
    .filter((node) => node !== undefined)
    .filter((node) => node !== name);
}

/** What is given at a place where a function is named. */
export function argumentOf(node: Node, at: number): Node | undefined | 'not a use' | 'passed on' {
  const { parent } = node;
  if (ast.isImportSpecifier(parent) || ast.isExportSpecifier(parent) || nameOf(parent) === node) return 'not a use';
  if (ast.isBindingElement(parent) || ast.isShorthandPropertyAssignment(parent)) return 'not a use';
  const declares = ast.isMethodSignatureDeclaration(parent) || ast.isPropertySignatureDeclaration(parent);
  if (declares || ast.isPropertyAssignment(parent) || ast.isMethodDeclaration(parent)) return 'not a use';
  const callee = ast.isPropertyAccessExpression(parent) && parent.name === node ? parent : node;
  const call = callee.parent;
  return ast.isCallExpression(call) && call.expression === callee ? call.arguments[at] : 'passed on';
}

/** What is put into a variable after it was made: `x = …`, `x += …`, `x[i] = …`, `x.push(…)`, `x.set(…)`. */
export function addedAt(node: Node): readonly Node[] {
  const { parent } = node;
  if (ast.isElementAccessExpression(parent) && parent.expression === node) return addedAt(parent);
  if (ast.isBinaryExpression(parent) && parent.left === node)
    return /^(=|\+=|\?\?=|\|\|=)$/.test(parent.operatorToken.getText()) ? [parent.right] : [];
  if (!ast.isPropertyAccessExpression(parent) || parent.expression !== node) return [];
  const isAdding = /^(push|unshift|set|add)$/.test(parent.name.text) && ast.isCallExpression(parent.parent);
  return isAdding ? parent.parent.arguments : [];
}

/** Path of a node’s file from the root. */
export function fileOf(node: Node): string {
  return node.getSourceFile().fileName.slice(ROOT.length);
}

/** `file:line` of a node. */
export function lineOf(node: Node): string {
  const source = node.getSourceFile();
  return `${fileOf(node)}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** A node as it is written, on one line. */
export function textOf(node: Node): string {
  return node.getText().replace(/\s+/g, ' ');
}
