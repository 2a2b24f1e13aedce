import { type AuditResult, serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/**
 * What GraphQL over HTTP leaves to the server, and we refuse. All three send a GET that a foreign page could make a
 * browser send too; Apollo answers a GET only with a header that forces a preflight (csrfPrevention), such as
 * `apollo-require-preflight: 1`, and the audits send none.
 */
const REFUSED_FOR_SAFETY = {
  '5A70': 'MAY accept application/x-www-form-urlencoded formatted GET requests: a plain link could send it',
  '6A70': 'MAY allow URL-encoded JSON variables in GETs, application/json: an image tag could send it',
  D6D5: 'MAY allow URL-encoded JSON variables in GETs, graphql-response+json: the same GET with another accept header',
};

let server: TestWeftline;
let results: AuditResult[];

beforeAll(async () => {
  server = await startTestWeftline();
  const { token } = await server.user();
  const audits = serverAudits({
    url: `${server.address}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) =>
      fetch(url, {
        ...init,
        headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${token ?? ''}` },
      }),
  });
  results = await Promise.all(audits.map((audit) => audit.fn()));
});

afterAll(() => server.stop());

const counts = (level: string): string => {
  const named = results.filter((result) => result.name.startsWith(level));
  return `${named.filter((result) => result.status === 'ok').length}/${named.length}`;
};

it('passes what the GraphQL over HTTP specification demands and recommends', () => {
  const missed = results.filter((result) => result.status !== 'ok' && !result.name.startsWith('MAY'));
  expect(missed.map((result) => `${result.id} ${result.name}`)).toEqual([]);
  expect([results.length, counts('MUST'), counts('SHOULD'), counts('MAY')]).toEqual([61, '13/13', '23/23', '22/25']);
});

it('leaves out of what it permits only the GET that a foreign page could send', () => {
  const missed = results.filter((result) => result.status !== 'ok');
  expect(missed.map((result) => result.id).sort()).toEqual(Object.keys(REFUSED_FOR_SAFETY).sort());
});
