/** Our tokens and those of two independent implementations, each opening what the other sealed. */
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import fernet from 'fernet';
import { FernetKey } from './fernet-key.js';
import { openFernet, sealFernet } from './fernet.js';

const TEXT_KEY = 'cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=';
const key = FernetKey.fromText(TEXT_KEY);
const secret = new fernet.Secret(TEXT_KEY);
// The package takes '' for "no message given" and has no other form than text.
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 });

describe('the npm package fernet', () => {
  it('opens what we seal', () => {
    fc.assert(
      fc.property(text, (message) => {
        const token = sealFernet(key, Buffer.from(message)).toString();
        expect(new fernet.Token({ secret, token, ttl: 0 }).decode()).toBe(message);
      }),
    );
  });

  it('seals what we open', () => {
    fc.assert(
      fc.property(text, (message) => {
        expect(openFernet(key, new fernet.Token({ secret }).encode(message)).toString()).toBe(message);
      }),
    );
  });

  it('makes the very same token of the same time and IV', () => {
    const iv = Array.from({ length: 16 }, (_, i) => i);
    const time = '2025-10-09T08:53:20Z';
    const theirs = new fernet.Token({ secret, time, iv }).encode('merhaba dünya');
    const ours = sealFernet(key, Buffer.from('merhaba dünya'), {
      timeSeconds: Date.parse(time) / 1000,
      iv: Uint8Array.from(iv),
    });
    expect(ours.toString()).toBe(theirs);
  });
});

/** One Python process for all: a key and lines of `seal <hex>` or `open <token>` in, a line of token or hex out for each. */
const PYTHON = `
import sys
from cryptography.fernet import Fernet
lines = sys.stdin.read().split("\\n")
f = Fernet(lines[0])
for line in lines[1:]:
    verb, _, value = line.partition(" ")
    print(f.encrypt(bytes.fromhex(value)).decode() if verb == "seal" else f.decrypt(value.encode()).hex())
`;

function python(requests: readonly string[]): string[] {
  const { status, stdout, stderr } = spawnSync('python3', ['-c', PYTHON], {
    input: [TEXT_KEY, ...requests].join('\n'),
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`python3 failed: ${stderr}`);
  return stdout.trimEnd().split('\n');
}

const havePython = spawnSync('python3', ['-c', 'import cryptography.fernet']).status === 0;
const describeWithPython = havePython ? describe : describe.skip;

describeWithPython(`Python’s cryptography${havePython ? '' : ' (no python3 with cryptography here)'}`, () => {
  const plaintexts = [0, 1, 15, 16, 17, 256, 1024, 65536].map((size) => Buffer.alloc(size, 'ğ\u0000\xff', 'latin1'));

  it('opens what we seal', () => {
    const opened = python(plaintexts.map((bytes) => `open ${sealFernet(key, bytes).toString()}`));
    expect(opened).toEqual(plaintexts.map((bytes) => bytes.toString('hex')));
  });

  it('seals what we open', () => {
    const sealed = python(plaintexts.map((bytes) => `seal ${bytes.toString('hex')}`));
    expect(sealed.map((token) => openFernet(key, token).toString('hex'))).toEqual(
      plaintexts.map((bytes) => bytes.toString('hex')),
    );
  });
});
