import { committedFiles, readCommitted } from './committed-files.js';

/** A numbered rule of the specification: `[W-3.2]` in wire-v1.md, `[P-…]` in presence-v1.md, `[I-…]` in ipc-v1.md. */
const RULE = /\b[WPI]-\d+(?:\.\d+)*\b/g;

function rulesIn(files: readonly string[]): Set<string> {
  return new Set(files.flatMap((file) => readCommitted(file).match(RULE) ?? []));
}

const all = committedFiles();
const specs = all.filter((file) => /^libs\/protocol\/spec\/[^/]+-v\d+\.md$/.test(file));
const vectors = all.filter((file) => /^libs\/protocol\/vectors\/.*\.json$/.test(file));

describe('the specification and its vectors', () => {
  it('are there, with numbered rules in each specification', () => {
    expect(specs).toEqual([
      'libs/protocol/spec/ipc-v1.md',
      'libs/protocol/spec/presence-v1.md',
      'libs/protocol/spec/wire-v1.md',
    ]);
    for (const spec of specs) expect([...rulesIn([spec])]).not.toHaveLength(0);
    expect(vectors).toContain('libs/protocol/vectors/session.json');
  });

  it('give every refusal rule at least one vector that names it', () => {
    const covered = rulesIn(vectors);
    expect([...rulesIn(specs)].filter((rule) => !covered.has(rule))).toEqual([]);
  });

  it('name no rule in a vector that no specification has', () => {
    const known = rulesIn(specs);
    expect([...rulesIn(vectors)].filter((rule) => !known.has(rule))).toEqual([]);
  });
});
