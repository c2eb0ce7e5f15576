import { admit } from './admission.js';
import { HttpError } from './errors.js';

const HOSTS = ['127.0.0.1:7002', 'localhost:7002'];
const HOST = ['Host', '127.0.0.1:7002'];

function codeOf(rawHeaders: string[], method = 'GET', url = '/'): string {
  try {
    admit({ method, url, rawHeaders }, HOSTS);
    return 'admitted';
  } catch (err) {
    if (err instanceof HttpError) return err.code;
    throw err;
  }
}

/** What a browser says when somebody follows a link from another site, or from a file. */
const FOLLOWED = [...HOST, 'Sec-Fetch-Site', 'cross-site', 'Sec-Fetch-Mode', 'navigate', 'Sec-Fetch-Dest', 'document'];

describe('what may come in', () => {
  it('a link that somebody follows to the bare page, and to nothing else', () => {
    expect(codeOf(FOLLOWED)).toBe('admitted');
    for (const url of ['/api/v1/conversations', '/anna_chat_log.json', '/?x', '/healthz', '//'])
      expect(codeOf(FOLLOWED, 'GET', url)).toBe('foreign-origin');
    expect(codeOf([...FOLLOWED, 'Origin', 'http://evil.example'])).toBe('foreign-origin');
    expect(codeOf(FOLLOWED, 'POST')).toBe('method-not-allowed');
  });

  it.each([
    ['a frame', 'Sec-Fetch-Dest', 'iframe'],
    ['an image', 'Sec-Fetch-Dest', 'image'],
    ['a script of another site', 'Sec-Fetch-Mode', 'cors'],
  ])('not %s with the page in it', (_, name, value) => {
    const headers = FOLLOWED.map((text, i) => (FOLLOWED[i - 1] === name ? value : text));
    expect(codeOf(headers)).toBe('foreign-origin');
    expect(codeOf([...FOLLOWED, name, value])).toBe('foreign-origin');
  });

  it.each([
    ['our address', HOST],
    ['our name, however it is written', ['hOSt', 'LOCALHOST:7002']],
    ['our own origin', [...HOST, 'Origin', 'http://127.0.0.1:7002']],
    ['our own page', [...HOST, 'Sec-Fetch-Site', 'same-origin']],
    ['the address bar', [...HOST, 'Sec-Fetch-Site', 'none']],
  ])('%s', (_, headers) => {
    expect(codeOf(headers)).toBe('admitted');
    expect(codeOf(headers, 'HEAD')).toBe('admitted');
  });

  it.each([
    ['no Host', [], 'bad-request'],
    ['two Hosts', [...HOST, ...HOST], 'bad-request'],
    ['two Hosts, the second one foreign', [...HOST, 'host', 'evil.example:7002'], 'bad-request'],
    ['another name that leads here', ['Host', 'evil.example:7002'], 'foreign-host'],
    ['our name without the port', ['Host', 'localhost'], 'foreign-host'],
    ['our name with another port', ['Host', 'localhost:7001'], 'foreign-host'],
    ['a name that begins like ours', ['Host', '127.0.0.1:7002.evil.example'], 'foreign-host'],
    ['a value that contains both of ours', ['Host', '127.0.0.1:7002,localhost:7002'], 'foreign-host'],
    ['another origin', [...HOST, 'Origin', 'http://evil.example'], 'foreign-origin'],
    ['no origin in particular', [...HOST, 'Origin', 'null'], 'foreign-origin'],
    ['our address over another scheme', [...HOST, 'Origin', 'https://127.0.0.1:7002'], 'foreign-origin'],
    ['our other name', [...HOST, 'Origin', 'http://localhost:7002'], 'foreign-origin'],
    ['our own origin and another', [...HOST, 'Origin', 'http://127.0.0.1:7002', 'Origin', 'null'], 'foreign-origin'],
    ['another site', [...HOST, 'Sec-Fetch-Site', 'cross-site'], 'foreign-origin'],
    ['another port of this machine', [...HOST, 'Sec-Fetch-Site', 'same-site'], 'foreign-origin'],
    [
      'two answers to where it comes from',
      [...HOST, 'Sec-Fetch-Site', 'none', 'Sec-Fetch-Site', 'cross-site'],
      'foreign-origin',
    ],
  ])('not %s', (_, headers, code) => {
    expect(codeOf(headers)).toBe(code);
  });

  it.each(['http://evil.example/', 'http://127.0.0.1:7002/', '*', '', 'evil.example:80'])(
    'no request target that is not a path: %s',
    (target) => {
      expect(codeOf(HOST, 'GET', target)).toBe('bad-request');
    },
  );

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'get'])('not %s', (method) => {
    expect(codeOf(HOST, method)).toBe('method-not-allowed');
  });
});
