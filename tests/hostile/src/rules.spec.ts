import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@earshot/testkit';
import { corpusFolder, loadCorpus } from './load.js';

const spec = readFileSync(join(repositoryRoot, 'libs/protocol/spec/wire-v1.md'), 'utf8');
const rules = [...spec.matchAll(/\[(W-[\d.]+)\]/g)].map(([, rule]) => rule ?? '');
const sections = [...spec.matchAll(/^##+ ([\d.]*\d)/gm)].map(([, number]) => `§${number ?? ''}`);
/** Between the sentence about codes in §8 and the one about what is reported. */
const codes = [...(/one of these codes:([^]*?)\n\n[A-Z]/m.exec(spec)?.[1] ?? '').matchAll(/`([a-z-]+)`/g)].map(
  ([, code]) => code ?? '',
);
const corpus = loadCorpus(corpusFolder);

/** What no bytes of a peer bring about, only time or the crowd. */
const NOT_OF_BYTES: Readonly<Record<string, string>> = {
  'peer-dead': 'a minute of silence in a session',
  'session-expired': 'a session of two hours, or of 2^26 records',
  'no-drain': 'a mebibyte that a peer does not read for half a minute',
  'too-busy': 'more connections than there are places for',
};

describe('the corpus', () => {
  it('has a file for every numbered rule of wire-v1', () => {
    expect(rules).not.toHaveLength(0);
    const broken = new Set(corpus.map(({ rule }) => rule));
    expect(rules.filter((rule) => !broken.has(rule))).toEqual([]);
  });

  it('names no rule and no section that wire-v1 does not have', () => {
    const known = new Set([...rules, ...sections]);
    expect(corpus.filter(({ rule }) => !known.has(rule)).map(({ name, rule }) => [name, rule])).toEqual([]);
  });

  it('has a file for every code of wire-v1 §8 that bytes can bring about', () => {
    expect(codes).not.toHaveLength(0);
    const seen = new Set(corpus.map(({ expect: { refused } }) => refused));
    expect(codes.filter((code) => !seen.has(code))).toEqual(Object.keys(NOT_OF_BYTES));
  });

  it('expects the code that the broken rule has', () => {
    // At the end of the rule; those of §5.4 have a REJECT there instead.
    const codeOf = new Map(
      [...spec.matchAll(/\[(W-[\d.]+)\][^\n]*?(?:`([a-z-]+)`|REJECT\((\d)\))$/gm)].map(
        ([, rule, code, reason]) => [rule ?? '', code ?? `REJECT ${reason ?? ''}`] as const,
      ),
    );
    expect(rules.filter((rule) => !codeOf.has(rule))).toEqual([]);
    const wrong = corpus.filter(({ rule, expect: { refused, answer } }) => {
      const code = codeOf.get(rule);
      if (code === undefined) return false;
      return code.startsWith('REJECT')
        ? !answer.some((frame) => frame.endsWith(`reason ${code.at(-1) ?? ''}`))
        : refused !== code;
    });
    expect(wrong.map(({ name }) => name)).toEqual([]);
  });
});
