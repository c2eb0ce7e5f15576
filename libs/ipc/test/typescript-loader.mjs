/** Lets `node --import` run the sources as they are, for tests that need a process of their own to kill. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

const cache = fileURLToPath(new URL('../.cache/typescript-loader', import.meta.url));

if (isMainThread) register(import.meta.url);

export function resolve(specifier, context, next) {
  const fromSource = context.parentURL?.endsWith('.ts') && specifier.startsWith('.');
  return next(fromSource ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const source = readFileSync(fileURLToPath(url), 'utf8');
  const cached = `${cache}/${createHash('sha256').update(source).digest('hex')}.mjs`;
  if (!existsSync(cached)) await translate(source, cached);
  return { format: 'module', source: readFileSync(cached, 'utf8'), shortCircuit: true };
}

async function translate(source, target) {
  // Only where it is needed: the compiler takes longer to load than all the rest.
  const { default: ts } = await import('typescript');
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
  });
  mkdirSync(cache, { recursive: true });
  writeFileSync(`${target}.${process.pid}`, outputText);
  renameSync(`${target}.${process.pid}`, target);
}
