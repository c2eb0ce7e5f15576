import { readFileSync } from 'node:fs';
import { READ, type HttpApp } from './server-parts.js';

/** The page, whole: address, file in `public/`, type. Nothing else is ever read for a request. */
const FILES = [
  ['/', 'index.html', 'text/html; charset=utf-8'],
  ['/style.css', 'style.css', 'text/css; charset=utf-8'],
  ['/main.js', 'main.js', 'text/javascript; charset=utf-8'],
  ['/api.js', 'api.js', 'text/javascript; charset=utf-8'],
  ['/events.js', 'events.js', 'text/javascript; charset=utf-8'],
  ['/view.js', 'view.js', 'text/javascript; charset=utf-8'],
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
