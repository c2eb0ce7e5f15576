import { readdirSync, readFileSync } from 'node:fs';
import { ServedHistory } from '../../test/served-history.js';

const PUBLIC = new URL('../../public/', import.meta.url);

describe('the page', () => {
  let served: ServedHistory;
  beforeAll(async () => {
    served = await ServedHistory.start({});
  });
  afterAll(async () => {
    await served.close();
  });

  const get = async (path: string): Promise<{ status: number; type: string | null; body: string }> => {
    const response = await served.get(path, { headers: { authorization: '' } });
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
  };

  it('is served whole, without a token and before there is a history', async () => {
    const files = readdirSync(PUBLIC);
    expect(files).toContain('index.html');
    for (const file of files) {
      const { status, body } = await get(file === 'index.html' ? '/' : `/${file}`);
      expect([file, status]).toEqual([file, 200]);
      expect(body).toBe(readFileSync(new URL(file, PUBLIC), 'utf8'));
    }
  });

  it('finds everything that it asks for, with the type that nosniff demands', async () => {
    const wanted = ['/'];
    for (const path of wanted) {
      const { status, type, body } = await get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(type).toBe(
        path.endsWith('.js')
          ? 'text/javascript; charset=utf-8'
          : path.endsWith('.css')
            ? 'text/css; charset=utf-8'
            : 'text/html; charset=utf-8',
      );
      const found = path.endsWith('.js')
        ? [...body.matchAll(/from '\.(\/[^']+)'/g)]
        : [...body.matchAll(/(?:src|href)="([^"]+)"/g)];
      for (const [, next = ''] of found) if (!wanted.includes(next)) wanted.push(next);
    }
    expect(wanted.length).toBe(readdirSync(PUBLIC).length);
  });

  it('has no script and style inside, and nothing from elsewhere: the policy would stop it', async () => {
    const { body } = await get('/');
    expect(body).not.toMatch(/<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc="\/)/);
    for (const file of readdirSync(PUBLIC)) {
      expect(readFileSync(new URL(file, PUBLIC), 'utf8')).not.toMatch(/https?:|@import|\burl\(/);
    }
  });

  it('never makes markup of text', () => {
    for (const file of readdirSync(PUBLIC).filter((name) => name.endsWith('.js'))) {
      expect(readFileSync(new URL(file, PUBLIC), 'utf8')).not.toMatch(
        /innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|createContextualFragment|eval\(|new Function/,
      );
    }
  });
});
