import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
beforeAll(async () => {
  server = await startTestWeftline();
});
afterAll(() => server.stop());

const get = (path: string, token: string | null): Promise<Response> =>
  fetch(`${server.address}${path}`, { headers: token === null ? {} : { authorization: `Bearer ${token}` } });

describe('GET /audit/export', () => {
  it.each(['ADMIN', 'AUDITOR'] as const)('gives an %s lines of JSON, and is an entry itself', async (role) => {
    const client = await server.user({ role });
    const response = await get('/audit/export', client.token);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/jsonl; charset=utf-8']);
    const lines = (await response.text()).trimEnd().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ format: 'weftline-audit-log/1' });
    expect(JSON.parse(lines.at(-1) ?? '')).toEqual({ checkpoint: expect.stringContaining('weftline/') as string });
    const { audit } = await client.data<{ audit: { nodes: object[] } }>(
      `{ audit(filter: { actor: "${client.userId}" }) { nodes { action outcome } } }`,
    );
    expect(audit.nodes).toEqual([{ action: 'audit:export', outcome: 'DONE' }]);
  });

  it('refuses everybody else, also by another way to write the address', async () => {
    const member = await server.user();
    for (const path of ['/audit/export', '/audit/%65xport', '/%61udit/export']) {
      expect((await get(path, null)).status, path).toBe(401);
      expect((await get(path, 'wft_wrong')).status, path).toBe(401);
      expect((await get(path, member.token)).status, path).toBe(403);
    }
  });

  it('refuses a token in the address', async () => {
    const { token } = await server.user({ role: 'ADMIN' });
    const response = await get(`/audit/export?token=${token ?? ''}`, token);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('A token must not stand in the address');
  });
});
