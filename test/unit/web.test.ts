import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerWeb } from '../../src/web/web.routes.js';

let directory: string;
let app: FastifyInstance;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'weftline-operations-'));
  await writeFile(join(directory, 'who.graphql'), '# Who am I?\n\nquery Who { viewer { name } }\n');
  await writeFile(
    join(directory, 'assets.graphql'),
    '#   The latest assets  \nquery Assets { assets { totalCount } }\n',
  );
  await writeFile(join(directory, 'notes.txt'), 'no operation');
  app = Fastify();
  await app.register(registerWeb, { operationsDirectory: directory });
});

afterAll(async () => {
  await app.close();
  await rm(directory, { recursive: true });
});

const PAGES = ['/', '/graphiql', '/?token=wft_abc'];
const addressesIn = (html: string): string[] =>
  [...html.matchAll(/(?:src|href|action)="([^"]*)"/g)].map(([, address = '']) => address);

describe('pages', () => {
  it.each(['/', '/?token=wft_abc'])('%s may load and call nothing but this server', async (url) => {
    const { headers } = await app.inject(url);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; style-src 'self'; " +
        "font-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
    });
  });

  it('allow GraphiQL its embedded fonts and the one style of its dialogs on top, and no other inline style', async () => {
    const { headers } = await app.inject('/graphiql');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "style-src 'self' 'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='; " +
        "font-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'none'",
    );
  });

  it.each(PAGES)('%s names no other server, and no script or style of its own inside the page', async (url) => {
    const { body } = await app.inject(url);
    expect(body).not.toMatch(/https?:|\/\/\w/);
    expect(body).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=|\{\{/);
  });

  it.each(PAGES)('%s refers only to files that are served', async (url) => {
    const files = addressesIn((await app.inject(url)).body).filter((address) => /\.\w+$/.test(address));
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect((await app.inject(file)).statusCode, file).toBe(200);
  });
});

describe('a token in the query string', () => {
  it.each(['/?token=wft_abc', '/graphiql?token=other', '/graphiql?operation=who&t=wft_abc', '/?a=1&a=wft_abc'])(
    'is refused with the reason: %s',
    async (url) => {
      const answer = await app.inject(url);
      expect(answer.statusCode).toBe(400);
      expect(answer.body).toContain('Revoke this token');
      expect(answer.body).not.toContain('wft_abc');
    },
  );

  it('is not seen in an ordinary parameter', async () => {
    expect((await app.inject('/graphiql?operation=who')).statusCode).toBe(200);
  });
});

describe('files', () => {
  it('of packages carry their version in the address and may be kept for good', async () => {
    const addresses = addressesIn((await app.inject('/graphiql')).body).filter((each) => each.startsWith('/assets/'));
    expect(addresses.map((each) => each.replace(/\d+\.\d+\.\d+/, '0.0.0'))).toEqual([
      '/assets/graphiql@0.0.0/graphiql.min.css',
      '/assets/react@0.0.0/react.production.min.js',
      '/assets/react-dom@0.0.0/react-dom.production.min.js',
      '/assets/graphiql@0.0.0/graphiql.min.js',
      '/assets/graphql-sse@0.0.0/graphql-sse.min.js',
    ]);
    for (const address of addresses) {
      const { headers, statusCode } = await app.inject(address);
      expect(statusCode).toBe(200);
      expect(headers).toMatchObject({
        'content-type': address.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
        'cache-control': 'public, max-age=31536000, immutable',
        'x-content-type-options': 'nosniff',
      });
    }
  });

  it.each([
    ['/style.css', 'text/css; charset=utf-8'],
    ['/session.js', 'text/javascript; charset=utf-8'],
    ['/favicon.svg', 'image/svg+xml'],
  ])('of our own are asked for again on each visit: %s', async (url, type) => {
    expect((await app.inject(url)).headers).toMatchObject({ 'content-type': type, 'cache-control': 'no-cache' });
  });

  it.each([
    '/assets/react@18.3.1/package.json',
    '/assets/react@0.0.0/react.production.min.js',
    '/assets/graphiql@4.1.2/../../package.json',
    '/assets/%2e%2e/%2e%2e/package.json',
    '/..%2fpackage.json',
    '/index.html',
  ])('that are not in the list do not exist: %s', async (url) => {
    expect((await app.inject(url)).statusCode).toBe(404);
  });
});

describe('sample operations', () => {
  it('are listed by name with the title from their first line', async () => {
    expect((await app.inject('/operations.json')).json()).toEqual([
      {
        name: 'assets',
        title: 'The latest assets',
        text: '#   The latest assets  \nquery Assets { assets { totalCount } }\n',
      },
      { name: 'who', title: 'Who am I?', text: '# Who am I?\n\nquery Who { viewer { name } }\n' },
    ]);
  });

  it('stop the start when one has no title', async () => {
    const untitled = await mkdtemp(join(tmpdir(), 'weftline-operations-'));
    await writeFile(join(untitled, 'untitled.graphql'), '{ viewer { name } }');
    await expect(registerWeb(Fastify(), { operationsDirectory: untitled })).rejects.toThrow(
      /untitled\.graphql must begin with a comment line/,
    );
    await rm(untitled, { recursive: true });
  });
});
