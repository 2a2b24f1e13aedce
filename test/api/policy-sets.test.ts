/** Sets of policies: brought in, compared, activated, by one ADMIN or by two; and those of a folder at the start. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OwnGraph } from '../support/own-graph.js';
import { adoptFolder } from '../../src/governance/sets/folder-at-start.service.js';
import type { Client } from '../support/client.js';
import { activate, activeId, forbidding, PERMIT_ALL, policyServer, upload } from '../support/policies.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const SILENT = pino({ level: 'silent' });
const CHANGES =
  'query ($id: ID!) { policySet(id: $id) { changes { path before after } files { path } uploadedBy { name } } }';

let server: TestWeftline;
let database: OwnGraph;
let stop: () => Promise<void>;
let admin: Client;
let other: Client;
const folder = mkdtempSync(join(tmpdir(), 'weftline-policy-folder-'));

beforeAll(async () => {
  ({ server, database, stop } = await policyServer());
  [admin, other] = [await server.user({ role: 'ADMIN' }), await server.user({ role: 'ADMIN' })];
});
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('A set of policies', () => {
  it('is the same by its digest, whoever brings it in, and is active only once it is activated', async () => {
    const first = await upload(admin, { 'a.cedar': PERMIT_ALL });
    expect(first).toMatchObject({ source: 'UPLOAD', isActive: false, faults: [] });
    expect(await upload(other, { 'a.cedar': PERMIT_ALL })).toEqual(first);
    expect((await activate(admin, first.id, null)).data).toEqual({
      activatePolicySet: { state: 'ACTIVE', policySet: { id: first.id, isActive: true } },
    });
  });

  it('with a fault is shown with line and column, and never activated: the one before stays', async () => {
    const before = await activeId(admin);
    const faulty = await upload(admin, {
      'a.cedar': PERMIT_ALL,
      'typo.cedar': forbidding('typo', 'context.inputs.unpined > 0'),
    });
    expect(faulty.faults).toEqual([
      expect.objectContaining({ file: 'typo.cedar', line: 5, column: expect.any(Number) as number }),
    ]);
    const refused = await activate(admin, faulty.id, before);
    expect(refused.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(refused.errors?.[0]?.message).toContain('typo.cedar:5:');
    expect(await activeId(admin)).toBe(before);
  });

  it('tells what differs from the active one, file by file', async () => {
    const more = forbidding('pinned', 'context.inputs.unpinned > 0');
    const set = await upload(admin, { 'a.cedar': PERMIT_ALL, 'b.cedar': more });
    const { policySet } = await admin.data<{ policySet: { changes: object[]; files: object[] } }>(CHANGES, {
      id: set.id,
    });
    expect(policySet.changes).toEqual([{ path: 'b.cedar', before: null, after: more }]);
    expect(policySet.files).toEqual([{ path: 'a.cedar' }, { path: 'b.cedar' }, { path: 'schema.cedarschema' }]);
  });

  it('is refused for two files of one name, names that are none, and what is too much', async () => {
    const UPLOAD =
      'mutation ($input: UploadPolicySetInput!) { uploadPolicySet(input: $input) { policySet { id faults { message } } } }';
    const twice = [
      { path: 'a.cedar', text: PERMIT_ALL },
      { path: 'a.cedar', text: '' },
    ];
    expect(await admin.code(UPLOAD, { input: { files: twice } })).toBe('BAD_USER_INPUT');
    const { uploadPolicySet } = await admin.data<{ uploadPolicySet: { policySet: { faults: object[] } } }>(UPLOAD, {
      input: { files: [{ path: '../a.cedar', text: PERMIT_ALL }] },
    });
    expect(uploadPolicySet.policySet.faults).toHaveLength(1);
    const many = Array.from({ length: 201 }, (_, index) => ({ path: `${index}.cedar`, text: '' }));
    expect(await admin.code(UPLOAD, { input: { files: many } })).toBe('BAD_USER_INPUT');
  });

  it('of two that are activated at once wins once, and the other ADMIN is told', async () => {
    for (let round = 0; round < 10; round += 1) {
      const before = await activeId(admin);
      const [one, two] = [
        await upload(admin, { 'a.cedar': `// one ${round}\n${PERMIT_ALL}` }),
        await upload(other, { 'a.cedar': `// two ${round}\n${PERMIT_ALL}` }),
      ];
      const answers = await Promise.all([activate(admin, one.id, before), activate(other, two.id, before)]);
      const codes = answers.map(({ errors }) => errors?.[0]?.extensions.code ?? 'done').sort();
      expect(codes).toEqual(['CONFLICT', 'done']);
      const winner = answers[0].errors ? two.id : one.id;
      expect(await activeId(admin)).toBe(winner);
    }
  });

  it('is activated by an ADMIN alone, and each activation stands in the log', async () => {
    const set = await upload(admin, { 'a.cedar': `// logged\n${PERMIT_ALL}` });
    const member = await server.user();
    expect((await activate(member, set.id, await activeId(admin))).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    await activate(admin, set.id, await activeId(admin));
    await server.sealed();
    const { audit } = await admin.data<{ audit: { nodes: { action: string; after: { digest: string } }[] } }>(
      'query { audit(filter: { actions: ["policies:activate", "policies:upload"] }, first: 100) { nodes { action after } } }',
    );
    const about = audit.nodes.filter(({ after }) => after.digest === set.digest);
    expect(about.map(({ action }) => action)).toEqual(['policies:activate', 'policies:upload']);
  });
});

describe('Where a second ADMIN is asked for', () => {
  it('nothing is active by the word of one, said twice or not, and the second activates it', async () => {
    const two = await startTestWeftline({ database, environment: { WEFTLINE_POLICY_SECOND_ADMIN: 'true' } });
    try {
      const [first, second] = [await two.user({ role: 'ADMIN' }), await two.user({ role: 'ADMIN' })];
      const before = await activeId(first);
      const set = await upload(first, { 'a.cedar': `// of two\n${PERMIT_ALL}` });
      for (let time = 0; time < 2; time += 1)
        expect((await activate(first, set.id, before)).data?.activatePolicySet.state).toBe('AWAITS_SECOND_ADMIN');
      expect(await activeId(first)).toBe(before);
      expect((await activate(second, set.id, before)).data?.activatePolicySet.state).toBe('ACTIVE');
      expect(await activeId(first)).toBe(set.id);
    } finally {
      await two.stop();
    }
  });
});

describe('A folder of policies at the start', () => {
  const write = (text: string): void => writeFileSync(join(folder, 'a.cedar'), text);

  it('is active from then on, and a faulty one leaves the set before active and says where it is wrong', async () => {
    write(`// folder\n${PERMIT_ALL}`);
    expect(await adoptFolder(server.weftline.sets, folder, SILENT)).toBeNull();
    const active = await activeId(admin);
    write('// folder\npermit (principal, action, resource) when { context.nothing > 0 };');
    expect(await adoptFolder(server.weftline.sets, folder, SILENT)).toContain('a.cedar:2:');
    expect(await activeId(admin)).toBe(active);
    const { policySets } = await admin.data<{ policySets: { nodes: { source: string; faults: object[] }[] } }>(
      '{ policySets(first: 1) { nodes { source faults { line } } } }',
    );
    expect(policySets.nodes[0]).toMatchObject({ source: 'FOLDER' });
    expect(policySets.nodes[0]?.faults.length).toBeGreaterThan(0);
  });

  it('that is not there says so, and changes nothing', async () => {
    const active = await activeId(admin);
    expect(await adoptFolder(server.weftline.sets, join(folder, 'absent'), SILENT)).toContain('cannot be read');
    expect(await activeId(admin)).toBe(active);
  });
});
