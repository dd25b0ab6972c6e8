/**
 * Follows the text of SQL backwards, from each place where an engine takes it to all it is made of, with the compiler's own knowledge of names.
 * In: source files, and what is trusted with its reason. Out: where SQL holds something else. What comes from data has no way through:
 * it can only be a parameter, or pass the gate for names.
 */
import { join } from 'node:path';
import * as ast from 'typescript/unstable/ast';
import type { Node } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import type { Project } from 'typescript/unstable/sync';
import { ROOT } from './imports.ts';
import {
  addedAt,
  argumentOf,
  bare,
  declarationOf,
  fileOf,
  functionOf,
  isConstant,
  isText,
  keptAsSql,
  lineOf,
  memberOf,
  nameOf,
  outermost,
  referencesTo,
  resultsOf,
  takenAsSql,
  textOf,
  valuesOf,
} from './sql-names.ts';

export interface Trusted {
  /** functions whose result may stand in SQL, whatever they are given */
  readonly gates: Readonly<Record<string, string>>;
  /** `Type.member` that holds SQL: whatever is put there is followed instead */
  readonly members: Readonly<Record<string, string>>;
  /** `file: expression` that may stand in SQL as it is */
  readonly places: Readonly<Record<string, string>>;
}

/** Methods of texts and lists that only rearrange what is there. */
const REARRANGE = /^(join|filter|slice|trim|toSorted|toReversed|concat|replace|replaceAll|split|at|values|flat|get)$/;
const LOOKS_LIKE_SQL = /^\s*(select\s|with\s|create\s|drop\s|insert\s|delete\s|alter\s|copy\s*\(|cast\()/i;

/** What stands in SQL and should not, as `file:line: expression (why)`. `planted` are files beside the real ones. */
export function sqlFromData(
  files: readonly string[],
  trusted: Trusted,
  planted: Readonly<Record<string, string>> = {},
): { readonly found: string[]; readonly entrances: number; readonly used: ReadonlySet<string> } {
  const config = join(ROOT, 'tsconfig.sql-flow.json');
  const all = [...files, ...Object.keys(planted)];
  const virtual = new Map([
    [config, JSON.stringify({ extends: './tsconfig.json', include: [], files: all })],
    ...Object.entries(planted).map(([path, text]) => [join(ROOT, path), text] as const),
  ]);
  const api = new API({
    cwd: ROOT,
    fs: {
      readFile: (path) => virtual.get(path),
      fileExists: (path) => (virtual.has(path) ? true : undefined),
    },
  });
  try {
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
    if (project === undefined) throw new Error('the compiler did not open the project');
    const flow = createFlow(project, trusted);
    for (const path of all) {
      const source = project.program.getSourceFile(join(ROOT, path));
      if (source === undefined) throw new Error(`the compiler did not read ${path}`);
      flow.enter(source);
    }
    return flow.finish();
  } finally {
    api.close();
  }
}

interface Flow {
  /** Traces what this file hands to engines. */
  enter(source: Node): void;
  finish(): { found: string[]; entrances: number; used: ReadonlySet<string> };
}

function createFlow({ checker }: Pick<Project, 'checker'>, trusted: Trusted): Flow {
  const found = new Set<string>();
  const seen = new Set<Node>();
  const used = new Set<string>();
  const templates: Node[] = [];
  let entrances = 0;

  const isPlace = (node: Node): boolean => {
    const place = `${fileOf(node)}: ${textOf(node)}`;
    if (Object.hasOwn(trusted.places, place)) used.add(place);
    return used.has(place);
  };

  const report = (node: Node, why: string): void => {
    if (!isPlace(node)) found.add(`${lineOf(node)}: ${textOf(node)} (${why})`);
  };

  /** Traces one expression that becomes part of SQL. */
  const trace = (given: Node): void => {
    const node = bare(given);
    if (seen.has(node)) return;
    seen.add(node);
    if (isPlace(node) || isText(node) || isConstant(checker, node)) return;
    if (ast.isTemplateExpression(node)) for (const span of node.templateSpans) trace(span.expression);
    else if (ast.isBinaryExpression(node)) for (const side of [node.left, node.right]) trace(side);
    else if (ast.isConditionalExpression(node)) for (const side of [node.whenTrue, node.whenFalse]) trace(side);
    else if (ast.isArrayLiteralExpression(node)) for (const one of node.elements) trace(one);
    else if (ast.isObjectLiteralExpression(node)) traceObject(node);
    else if (ast.isIdentifier(node)) traceName(node);
    else if (ast.isPropertyAccessExpression(node)) traceMember(node);
    else if (ast.isElementAccessExpression(node)) trace(node.expression);
    else if (ast.isNewExpression(node) && textOf(node.expression) === 'Map')
      for (const one of node.arguments ?? []) trace(one);
    else if (ast.isCallExpression(node)) traceCall(node);
    else report(node, 'where it is from is not known');
  };

  /** Members that hold SQL are followed by themselves; of any other object each member may be what is asked for. */
  const traceObject = (node: ast.ObjectLiteralExpression): void => {
    const members = node.properties.filter((one) => keptAsSql(checker, one, trusted.members) !== null);
    if (members.length === 0) for (const one of valuesOf(node)) trace(one);
  };

  const traceName = (node: Node): void => {
    const declaration = declarationOf(checker, node);
    if (declaration === undefined) report(node, 'not declared by us');
    else if (ast.isBindingElement(declaration)) {
      if (!isMember(memberOf(checker, declaration))) traceDeclared(outermost(declaration), node);
    } else traceDeclared(declaration, node);
  };

  const traceDeclared = (declaration: Node, use: Node): void => {
    const loop = declaration.parent?.parent;
    if (ast.isParameterDeclaration(declaration)) traceParameter(declaration, use);
    else if (ast.isVariableDeclaration(declaration) && declaration.initializer) {
      trace(declaration.initializer);
      for (const one of referencesTo(checker, declaration.name)) for (const part of addedAt(one)) trace(part);
    } else if (loop !== undefined && ast.isForOfStatement(loop)) trace(loop.expression);
    else report(use, 'where it is from is not known');
  };

  const isMember = (name: string): boolean => {
    if (!Object.hasOwn(trusted.members, name)) return false;
    used.add(name);
    return true;
  };

  const traceMember = (node: ast.PropertyAccessExpression): void => {
    if (!isMember(memberOf(checker, node))) report(node, 'where it is from is not known');
  };

  /** A parameter is what every caller gives. */
  const traceParameter = (parameter: ast.ParameterDeclaration, use: Node): void => {
    if (seen.has(parameter)) return;
    seen.add(parameter);
    const owner = parameter.parent as ast.FunctionLikeDeclaration;
    const at = owner.parameters.indexOf(parameter);
    const call = owner.parent;
    if (ast.isCallExpression(call) && ast.isPropertyAccessExpression(call.expression)) {
      trace(call.expression.expression);
      return;
    }
    const name = nameOf(owner);
    if (name === undefined) {
      report(use, 'a parameter of a function without a name');
      return;
    }
    const uses = referencesTo(checker, name).filter((reference) => argumentOf(reference, at) !== 'not a use');
    if (uses.length === 0) report(use, 'nobody is seen to call its function');
    for (const reference of uses) {
      const argument = argumentOf(reference, at);
      if (argument === 'passed on') report(reference, `passed on with parameter ${textOf(parameter.name)}`);
      else if (typeof argument === 'object') trace(argument);
    }
  };

  const traceCall = (call: ast.CallExpression): void => {
    const callee = call.expression;
    const name = textOf(ast.isPropertyAccessExpression(callee) ? callee.name : callee);
    if (Object.hasOwn(trusted.gates, name)) {
      used.add(name);
      return;
    }
    if (/^Object\.(entries|values)$/.test(textOf(callee))) trace(call.arguments[0] ?? call);
    else if (ast.isPropertyAccessExpression(callee) && /^(map|flatMap)$/.test(name)) traceResults(call.arguments[0]);
    else if (ast.isPropertyAccessExpression(callee) && REARRANGE.test(name)) {
      trace(callee.expression);
      if (name === 'join') for (const one of call.arguments) trace(one);
      if (name.startsWith('replace')) for (const one of call.arguments.slice(1)) trace(one);
    } else {
      const made = declarationOf(checker, ast.isPropertyAccessExpression(callee) ? callee.name : callee);
      const bodies = made === undefined ? [] : bodiesOf(made);
      if (bodies.length === 0) report(call, 'the result of a function that is not ours');
      for (const body of bodies) for (const result of resultsOf(body)) trace(result);
    }
  };

  /** Functions that may run where this one is called: itself, what implements it, or what callers give for it. */
  const bodiesOf = (made: Node): ast.FunctionLikeDeclaration[] => {
    const own = functionOf(made);
    if (own !== undefined) return [own];
    const isFunction = (node: ast.FunctionLikeDeclaration | undefined): node is ast.FunctionLikeDeclaration =>
      node !== undefined;
    if (ast.isMethodSignatureDeclaration(made) || ast.isPropertySignatureDeclaration(made))
      return referencesTo(checker, made.name)
        .map((node) => functionOf(node.parent))
        .filter(isFunction);
    const name = ast.isParameterDeclaration(made) ? nameOf(made.parent) : undefined;
    if (name === undefined || !ast.isParameterDeclaration(made)) return [];
    const at = (made.parent as ast.FunctionLikeDeclaration).parameters.indexOf(made);
    return referencesTo(checker, name)
      .map((node) => argumentOf(node, at))
      .map((given) => (typeof given === 'object' ? functionOf(given) : undefined))
      .filter(isFunction);
  };

  /** What a function gives that is applied to each member of a list. */
  const traceResults = (given: Node | undefined): void => {
    if (given === undefined) return;
    if (ast.isIdentifier(given) && Object.hasOwn(trusted.gates, given.text)) used.add(given.text);
    else {
      const own = ast.isIdentifier(given) ? functionOf(declarationOf(checker, given) ?? given) : functionOf(given);
      if (own === undefined) report(given, 'the result of a function that is not ours');
      else for (const result of resultsOf(own)) trace(result);
    }
  };

  const visit = (node: Node): void => {
    if (ast.isTemplateExpression(node) && LOOKS_LIKE_SQL.test(node.head.text)) templates.push(node);
    const taken = takenAsSql(checker, node) ?? keptAsSql(checker, node, trusted.members);
    if (taken !== null) {
      entrances++;
      trace(taken);
    }
    node.forEachChild(visit);
  };
  return {
    enter: visit,
    finish() {
      for (const node of templates) if (!seen.has(node)) trace(node);
      return { found: [...found].toSorted(), entrances, used };
    },
  };
}
