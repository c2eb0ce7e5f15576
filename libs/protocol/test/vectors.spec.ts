import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { VECTOR_FILES, loadVectors, readText } from './vectors.js';

const RULE = /\[([WP]-\d+\.\d+)\]/g;
const rulesOf = (spec: string) => Array.from(readText(`spec/${spec}`).matchAll(RULE), ([, rule]) => rule ?? '');
const rules = [...rulesOf('wire-v1.md'), ...rulesOf('presence-v1.md')];
const vectors = VECTOR_FILES.flatMap((file) => loadVectors(file));
const named = new Set(vectors.flatMap(({ rule }) => rule ?? []));

describe('specification and vectors', () => {
  it('number a rule once', () => {
    expect(rules.length).toBeGreaterThan(50);
    expect(rules.filter((rule, i) => rules.indexOf(rule) !== i)).toEqual([]);
  });

  it('have a vector for every numbered rule', () => {
    expect(rules.filter((rule) => !named.has(rule))).toEqual([]);
  });

  it('have a rule for every refused vector', () => {
    expect([...named].filter((rule) => !rules.includes(rule))).toEqual([]);
  });

  it('say the same code: each rule names what its vectors expect', () => {
    const specs = readText('spec/wire-v1.md') + readText('spec/presence-v1.md');
    const disagreeing = vectors.filter(({ rule, expect: code }) => {
      if (rule === undefined) return false;
      const line = specs.split('\n').find((text) => text.includes(`[${rule}]`)) ?? '';
      return !line.includes(code.startsWith('reject-') ? `REJECT(${code.slice(-1)})` : `\`${code}\``);
    });
    expect(disagreeing.map(({ name, rule }) => `${rule ?? ''} ${name}`)).toEqual([]);
  });

  it('are what the generator writes', () => {
    const script = fileURLToPath(new URL('../scripts/make-vectors.mjs', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
