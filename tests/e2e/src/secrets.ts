import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A word as it could leak: itself, base64 at each of the three alignments (without the characters that neighbours shape), hex. */
export function disguises(word: string | Buffer): Buffer[] {
  const bytes = Buffer.from(word);
  const encoded = [0, 1, 2].flatMap((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const stable = text.slice(shift === 0 ? 0 : shift + 1, (shift + bytes.length) % 3 === 0 ? undefined : -1);
    return [stable, stable.replaceAll('+', '-').replaceAll('/', '_')];
  });
  const hex = bytes.toString('hex');
  return [bytes, ...[...new Set([...encoded, hex, hex.toUpperCase()])].map((text) => Buffer.from(text))];
}

/** Which of the named secrets occur in some bytes, in any disguise. */
export function found(secrets: Readonly<Record<string, string | Buffer>>, bytes: Buffer): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    disguises(secret).some((form) => bytes.includes(form)) ? [name] : [],
  );
}

/** The content of every file below a folder, one after the other; sockets have none. */
export function contentOf(folder: string): { files: string[]; bytes: Buffer } {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return { files, bytes: Buffer.concat(files.map((file) => readFileSync(file))) };
}
