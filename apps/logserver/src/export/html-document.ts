import type { Message } from '@earshot/protocol/ipc';
import { visible } from './visible-text.js';

/** The file is opened from a disk, without our headers: it brings its own rule that nothing is loaded or run. */
const HEAD = `<!doctype html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>Earshot conversation</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 45rem; margin: 2rem auto; padding: 0 1rem; color-scheme: light dark }
article { margin: 0 0 1rem }
header { font-size: .85rem; opacity: .7 }
p { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext }
</style>
</head>
<body>
`;

export function* htmlDocument(messages: Iterable<Message>): Generator<string, void, undefined> {
  yield HEAD;
  for (const { committedAt, direction, username, peer, text, state } of messages) {
    // Somebody may call themselves "you": the arrow is outside of what a name can be.
    const name = `<b><bdi>${escaped(username || peer.slice(0, 10))}</bdi></b>`;
    const who = direction === 'sent' ? `you → ${name}` : name;
    const note = direction === 'sent' && state !== 'delivered' ? ` · ${state}` : '';
    yield `<article class="${direction}"><header>${who} <time>${committedAt}</time>${note}</header>`;
    yield `<p>${text === null ? '<i>content that this version cannot show</i>' : escaped(text)}</p></article>\n`;
  }
  yield '</body>\n</html>\n';
}

/** Neither of them shows in a page, and a terminal that the file is printed to obeys them. */
const CONTROL = /(?![\n\t])\p{Cc}/gu;

/** For text and for quoted attributes. */
function escaped(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(CONTROL, (character) => visible(character))
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
