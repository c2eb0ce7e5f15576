/**
 * Writes vectors/*.json, or with --check only says whether they are what it would write.
 *
 * Bytes are put together by hand here, field by field from the specification, and never by the codecs that the vectors
 * are to test. vectors/session.json comes from another implementation and is not touched.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { announcements } from './vectors/announcements.mjs';
import { bodies } from './vectors/bodies.mjs';
import { frames } from './vectors/frames.mjs';
import { handshakes } from './vectors/handshakes.mjs';
import { hello } from './vectors/hello.mjs';
import { records } from './vectors/records.mjs';
import { sessions } from './vectors/sessions.mjs';
import { usernames } from './vectors/usernames.mjs';

const folder = join(import.meta.dirname, '../vectors');
const check = process.argv.includes('--check');

for (const [name, entries] of Object.entries({
  announcements,
  bodies,
  frames,
  handshakes,
  hello,
  records,
  sessions,
  usernames,
})) {
  const path = join(folder, `${name}.json`);
  const text = `[\n${entries.map((entry) => `  ${ascii(JSON.stringify(entry))}`).join(',\n')}\n]\n`;
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    process.stderr.write(`${name}.json is not what make-vectors.mjs writes\n`);
    process.exitCode = 1;
  }
}

/** What is invisible or combines in an editor is spelled out. */
function ascii(json) {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
