import { HttpError } from './errors.js';

/** What of a request is looked at before anything else is. */
export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  /** Names and values in turn, as they came: `headers` would hide a second Host. */
  readonly rawHeaders: readonly string[];
}

/**
 * Whether a request may come in at all. A web page elsewhere can make the browser ask us: under a name of its own that
 * it lets point here (DNS rebinding: Host), with a script (Origin) or just by a link or an image (Sec-Fetch-Site).
 *
 * @param hosts what Host may be: `address:port`, lower case
 * @throws HttpError
 */
export function admit({ method, url, rawHeaders }: RequestHead, hosts: readonly string[]): void {
  const [host, ...moreHosts] = valuesOf('host', rawHeaders).map((value) => value.toLowerCase());
  if (host === undefined || moreHosts.length > 0)
    throw new HttpError('bad-request', 'exactly one Host header is needed');
  if (!hosts.includes(host)) throw new HttpError('foreign-host', `this server answers for ${hosts.join(' and ')} only`);
  // The absolute form (`GET http://host/…`) names a host beside the one that was just checked.
  if (url?.startsWith('/') !== true) throw new HttpError('bad-request', 'the request target must be a path');

  const origins = valuesOf('origin', rawHeaders);
  if (origins.some((origin) => origin !== `http://${host}`)) {
    throw new HttpError('foreign-origin', 'requests from other origins are refused');
  }
  const sites = valuesOf('sec-fetch-site', rawHeaders);
  if (!isLinkToThePage(url, rawHeaders) && sites.some((site) => site !== 'same-origin' && site !== 'none')) {
    throw new HttpError('foreign-origin', 'requests from other sites are refused');
  }
  if (method !== 'GET' && method !== 'HEAD') {
    throw new HttpError('method-not-allowed', 'the history is read-only: GET and HEAD', { Allow: 'GET, HEAD' });
  }
}

/**
 * A link that somebody follows to the bare page, as `earshot logs --open` does from a file of the user's (docs/decisions/0011).
 * The page holds nothing but its own code, and no other page can frame it or read it.
 */
function isLinkToThePage(url: string, rawHeaders: readonly string[]): boolean {
  const only = (name: string, value: string) => {
    const values = valuesOf(name, rawHeaders);
    return values.length === 1 && values[0] === value;
  };
  return url === '/' && only('sec-fetch-mode', 'navigate') && only('sec-fetch-dest', 'document');
}

function valuesOf(name: string, rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === name);
}
