/**
 * Source files of ours, turned so that another can interleave them: every function that comes to an `Atomics` call becomes a generator
 * that yields before it, and whoever calls such a function hands its yields on. What runs between two yields is the code as it stands.
 *
 * By names: a method, getter, function or arrow function that is a property is turned if anything of its name reaches `Atomics`. Constructors
 * are not turned: what they load is loaded at once. `await` is left out: what is awaited has come about by itself.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** What a turned module finds in place of `Atomics`: each call a generator; and in constructors: at once. */
export type SteppedAtomics = Record<string, (...values: never[]) => Generator<unknown, unknown, unknown>>
export type ImmediateAtomics = Record<string, (words: Int32Array, at: number, ...rest: number[]) => number>

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The functions of a file that may be turned, with their names; a getter's name and a method's are two things. */
function functionsOf(file: ts.SourceFile): { node: ts.Node; name: string }[] {
  const found: { node: ts.Node; name: string }[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isMethodDeclaration(node) || ts.isFunctionDeclaration(node)) found.push({ node, name: nameOf(node.name!) })
    if (ts.isGetAccessorDeclaration(node)) found.push({ node, name: `get ${nameOf(node.name)}` })
    if (ts.isPropertyDeclaration(node) && node.initializer !== undefined && ts.isArrowFunction(node.initializer)) {
      // Handed on, it goes by the name of the parameter, which is the same without the mark.
      const name = nameOf(node.name)
      found.push({ node: node.initializer, name }, { node: node.initializer, name: name.replace(/^#/, '') })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** As written: a private name is another than the public one. */
function nameOf(node: ts.Node): string {
  return node.getText()
}

function isAtomicsCall(node: ts.Node): node is ts.CallExpression & { expression: ts.PropertyAccessExpression } {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    node.expression.expression.getText() === 'Atomics'
  )
}

/** The name of what an expression calls or gets: `get x` for a property that is no call. */
function usedName(node: ts.Node): string | null {
  if (ts.isCallExpression(node)) {
    const called = node.expression
    if (ts.isPropertyAccessExpression(called)) return nameOf(called.name)
    return ts.isIdentifier(called) ? called.text : null
  }
  const isCalled = ts.isCallExpression(node.parent) && node.parent.expression === node
  return ts.isPropertyAccessExpression(node) && !isCalled ? `get ${nameOf(node.name)}` : null
}

/** The method that a turned getter becomes. */
function methodOfGetter(name: ts.Node): ts.Identifier | ts.PrivateIdentifier {
  const plain = nameOf(name).replace(/^#/, '')
  return ts.isPrivateIdentifier(name)
    ? ts.factory.createPrivateIdentifier(`#get_${plain}`)
    : ts.factory.createIdentifier(`get_${plain}`)
}

/** Names that reach `Atomics`, over all files. */
function steppedNames(files: readonly ts.SourceFile[]): Set<string> {
  const names = new Set<string>()
  const functions = files.flatMap(functionsOf)
  const reaches = (node: ts.Node): boolean => {
    if (isAtomicsCall(node)) return true
    const used = usedName(node)
    if (used !== null && names.has(used)) return true
    return ts.forEachChild(node, (child) => reaches(child) || undefined) ?? false
  }
  for (let before = -1; before !== names.size; ) {
    before = names.size
    for (const { node, name } of functions) if (!names.has(name) && reaches(node)) names.add(name)
  }
  return names
}

function turned(file: ts.SourceFile, names: ReadonlySet<string>): string {
  const factory = ts.factory
  const yielded = (expression: ts.Expression): ts.Expression =>
    factory.createParenthesizedExpression(
      factory.createYieldExpression(factory.createToken(ts.SyntaxKind.AsteriskToken), expression),
    )
  const star = factory.createToken(ts.SyntaxKind.AsteriskToken)
  const unasync = (modifiers: readonly ts.ModifierLike[] | undefined): ts.ModifierLike[] =>
    (modifiers ?? []).filter(({ kind }) => kind !== ts.SyntaxKind.AsyncKeyword)
  const result = ts.transform(file, [
    (context) => (source) => {
      const visitIn =
        (isStepped: boolean) =>
        (node: ts.Node): ts.Node => {
          const visit = visitIn(isStepped)
          if (ts.isMethodDeclaration(node) && names.has(nameOf(node.name!))) {
            const inner = ts.visitEachChild(node, visitIn(true), context)
            const { name, typeParameters, parameters, body } = inner
            return factory.createMethodDeclaration(
              unasync(inner.modifiers),
              star,
              name,
              undefined,
              typeParameters,
              parameters,
              undefined,
              body,
            )
          }
          if (ts.isGetAccessorDeclaration(node) && names.has(`get ${nameOf(node.name)}`)) {
            const inner = ts.visitEachChild(node, visitIn(true), context)
            const name = methodOfGetter(node.name)
            return factory.createMethodDeclaration(
              undefined,
              star,
              name,
              undefined,
              undefined,
              [],
              undefined,
              inner.body,
            )
          }
          if (ts.isFunctionDeclaration(node) && names.has(nameOf(node.name!))) {
            const inner = ts.visitEachChild(node, visitIn(true), context)
            const { name, typeParameters, parameters, body } = inner
            return factory.createFunctionDeclaration(
              unasync(inner.modifiers),
              star,
              name,
              typeParameters,
              parameters,
              undefined,
              body,
            )
          }
          const owner = node.parent
          if (ts.isArrowFunction(node) && ts.isPropertyDeclaration(owner) && names.has(nameOf(owner.name))) {
            const inner = ts.visitEachChild(node, visitIn(true), context)
            const body = ts.isBlock(inner.body)
              ? inner.body
              : factory.createBlock([factory.createReturnStatement(inner.body)])
            const generator = factory.createFunctionExpression(
              undefined,
              star,
              undefined,
              undefined,
              inner.parameters,
              undefined,
              body,
            )
            return factory.createCallExpression(factory.createPropertyAccessExpression(generator, 'bind'), undefined, [
              factory.createThis(),
            ])
          }
          if (ts.isConstructorDeclaration(node) || ts.isArrowFunction(node))
            return ts.visitEachChild(node, visitIn(false), context)
          if (!isStepped && isAtomicsCall(node)) {
            const immediate = factory.createIdentifier('ImmediateAtomics')
            const called = factory.createPropertyAccessExpression(immediate, node.expression.name.text)
            return factory.createCallExpression(called, undefined, node.arguments)
          }
          if (!isStepped) return ts.visitEachChild(node, visit, context)
          if (ts.isAwaitExpression(node)) return ts.visitNode(node.expression, visit)!
          const used = isAtomicsCall(node) ? null : usedName(node)
          if (ts.isPropertyAccessExpression(node) && used !== null && names.has(used)) {
            const object = ts.visitNode(node.expression, visit) as ts.Expression
            const name = methodOfGetter(node.name)
            const access = factory.createPropertyAccessExpression(object, name)
            return yielded(factory.createCallExpression(access, undefined, []))
          }
          if (isAtomicsCall(node) || (ts.isCallExpression(node) && used !== null && names.has(used))) {
            return yielded(ts.visitEachChild(node, visit, context) as ts.Expression)
          }
          return ts.visitEachChild(node, visit, context)
        }
      return ts.visitEachChild(source, visitIn(false), context)
    },
  ])
  return ts.createPrinter().printFile(result.transformed[0]!)
}

/** `[file, find, replacement]`: what a canary changes; `find` has to be there once. */
export type Fault = readonly [file: string, find: string, replacement: string]

/**
 * Loads the files of `folder`, turned and linked with one another.
 *
 * @param stubs - By specifier: what they import from elsewhere.
 */
export function loadInterleaved(
  folder: string,
  names: readonly string[],
  stubs: Readonly<Record<string, object>>,
  atomics: { readonly stepped: SteppedAtomics; readonly immediate: ImmediateAtomics },
  fault: Fault | null = null,
): Record<string, Record<string, never>> {
  const files = names.map((name) => {
    let text = readFileSync(`${root}${folder}/${name}`, 'utf8')
    if (fault !== null && fault[0] === name) {
      if (text.split(fault[1]).length !== 2) throw new Error(`${name} does not have once: ${fault[1]}`)
      text = text.replace(fault[1], () => fault[2])
    }
    return ts.createSourceFile(name, text, ts.ScriptTarget.ES2023, true)
  })
  const reaching = steppedNames(files)
  const modules: Record<string, Record<string, never>> = {}
  const texts = new Map(
    files.map((file) => {
      const options = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 }
      return [file.fileName, ts.transpileModule(turned(file, reaching), { compilerOptions: options }).outputText]
    }),
  )
  const load = (specifier: string): object => {
    const stub = stubs[specifier]
    if (stub !== undefined) return stub
    const name = specifier.replace(/^\.\//, '')
    const known = modules[name]
    if (known !== undefined) return known
    const text = texts.get(name)
    if (text === undefined) throw new Error(`nothing stands in for ${specifier}`)
    const exported: Record<string, never> = {}
    modules[name] = exported
    // The text is our own source, turned above.
    const { stepped, immediate } = atomics
    new Function('require', 'exports', 'Atomics', 'ImmediateAtomics', text)(load, exported, stepped, immediate)
    return exported
  }
  for (const name of names) load(`./${name}`)
  return modules
}
