import { readFileSync } from 'node:fs';
import { READ, type HttpApp } from './server-parts.js';

const SCRIPT = 'text/javascript; charset=utf-8';

/** The page, whole: address, file in `public/`, type. Nothing else is ever read for a request. */
const FILES = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/style.css', 'style.css', 'text/css; charset=utf-8'],
  ...[
    'main.js',
    'token.js',
    'api.js',
    'events.js',
    'dom.js',
    'conversation-list.js',
    'message-pane.js',
    'message-row.js',
    'search-results.js',
  ].map((script) => [`/${script}`, script, SCRIPT] as const),
] as const;

const PUBLIC = new URL('../../public/', import.meta.url);

/** No token: the page holds nothing of anybody's, and brings the token from its address's fragment. */
export function pageRoutes(app: HttpApp): void {
  for (const [url, file, contentType] of FILES) {
    const bytes = readFileSync(new URL(file, PUBLIC));
    app.route({
      method: READ,
      url,
      config: { public: true },
      handler: (_, reply) => reply.type(contentType).send(bytes),
    });
  }
}
