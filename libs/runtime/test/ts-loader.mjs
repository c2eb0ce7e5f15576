/** Lets a child process run the sources as they are: `node --import ./ts-loader.mjs program.ts`. Types are not checked here. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread, threadId } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);
const cache = new URL('../.cache/ts-loader/', import.meta.url);

export async function resolve(specifier, context, next) {
  const fromTs = context.parentURL?.endsWith('.ts') ?? false;
  return next(fromTs && /^\..*\.js$/.test(specifier) ? specifier.replace(/\.js$/, '.ts') : specifier, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  return { format: 'module', source: await transpiled(readFileSync(fileURLToPath(url), 'utf8')), shortCircuit: true };
}

/** By content, so that the compiler, which takes a second to load, is needed once per change. */
async function transpiled(source) {
  const file = new URL(`${createHash('sha256').update(source).digest('hex')}.js`, cache);
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const { default: ts } = await import('typescript');
    const compilerOptions = {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2023,
      verbatimModuleSyntax: true,
    };
    const { outputText } = ts.transpileModule(source, { compilerOptions });
    mkdirSync(cache, { recursive: true });
    // Several children start at once: none may read half a file.
    const temporary = new URL(`${file.href}.${process.pid}-${threadId}`);
    writeFileSync(temporary, outputText);
    renameSync(temporary, file);
    return outputText;
  }
}
