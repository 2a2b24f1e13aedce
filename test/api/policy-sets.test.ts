/** Sets of policies: brought in, compared, activated, by one ADMIN or by two; and those of a folder at the start. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OwnGraph } from '../support/own-graph.js';
import { Display } from '../../src/demo/display.js';
import { DemoClient } from '../../src/demo/client.js';
import { enforcePolicies } from '../../src/demo/policies.js';
import { newId } from '../../src/ids.js';
import { adoptFolder } from '../../src/governance/sets/folder-at-start.service.js';
import type { Client } from '../support/client.js';
import { activate, activeId, enforce, forbidding, PERMIT_ALL, policyServer, upload } from '../support/policies.js';
import { Seed } from '../support/seed.js';
import { ServerProcess } from '../support/server-process.js';
import { startTestWeftline, testKeyFile, type TestWeftline } from '../support/weftline.js';

const SILENT = pino({ level: 'silent' });
const DEACTIVATE = `mutation ($input: DeactivatePoliciesInput!) { deactivatePolicies(input: $input) {
  state policySet { id isActive } } }`;
const PUBLISH = `mutation ($input: PublishDatasetVersionInput!) { publishDatasetVersion(input: $input) {
  datasetVersion { id } } }`;
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

describe('Without policies again', () => {
  const deactivated = (as: Client, expectedActive: string | null, reason = 'As agreed') =>
    as.ask<{ deactivatePolicies: { state: string; policySet: { id: string; isActive: boolean } } }>(DEACTIVATE, {
      input: { expectedActive, reason },
    });
  const codeOf = async (asked: ReturnType<typeof deactivated>): Promise<string | undefined> =>
    (await asked).errors?.[0]?.extensions.code;

  it('nothing is enforced by the word of an ADMIN with a reason, which stands in the log, until a set is active again', async () => {
    const owner = await server.user();
    const data = await new Seed(owner, `${server.namespace}-off`).dataset('data');
    const publishing = (version: string) => owner.ask(PUBLISH, { input: { dataset: data.id, version } });
    const none = await enforce(admin, {});
    expect((await publishing('1')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const unheard = await upload(admin, { 'a.cedar': `// never active\n${PERMIT_ALL}` });
    expect(await codeOf(deactivated(await server.user(), none.id))).toBe('FORBIDDEN');
    expect(await codeOf(deactivated(admin, unheard.id))).toBe('CONFLICT');
    expect(await codeOf(deactivated(admin, 'no-such-set'))).toBe('NOT_FOUND');
    expect(await codeOf(deactivated(admin, none.id, '  '))).toBe('BAD_USER_INPUT');
    expect(await codeOf(deactivated(admin, null))).toBe('BAD_USER_INPUT');
    expect(await activeId(admin)).toBe(none.id);

    const off = { deactivatePolicies: { state: 'INACTIVE', policySet: { id: none.id, isActive: false } } };
    expect((await deactivated(admin, none.id, 'The pilot is over')).data).toEqual(off);
    expect((await deactivated(other, none.id)).data).toEqual(off);
    expect((await publishing('2')).errors).toBeUndefined();
    const { asset } = await owner.data<{ asset: { policyDecisions: { nodes: { outcome: string }[] } } }>(
      'query ($ref: AssetRef!) { asset(ref: $ref) { policyDecisions { nodes { outcome } } } }',
      { ref: data.id },
    );
    expect(asset.policyDecisions.nodes).toEqual([{ outcome: 'FORBID' }]);
    await server.sealed();
    const { audit } = await admin.data<{ audit: { nodes: { reason: string; before: unknown }[] } }>(
      'query { audit(filter: { actions: ["policies:deactivate"] }) { nodes { reason before } } }',
    );
    expect(audit.nodes).toEqual([{ reason: 'The pilot is over', before: { digest: none.digest } }]);

    expect((await activate(admin, none.id, none.id)).errors?.[0]?.extensions.code).toBe('CONFLICT');
    expect((await activate(admin, none.id, null)).data?.activatePolicySet.state).toBe('ACTIVE');
    expect((await publishing('3')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  it('of an ADMIN who deactivates and one who activates at once, one is told that the other was first', async () => {
    for (let round = 0; round < 5; round += 1) {
      const before = (await enforce(admin, { 'a.cedar': PERMIT_ALL })).id;
      const next = await upload(other, { 'a.cedar': `// next ${round}\n${PERMIT_ALL}` });
      const [off, on] = await Promise.all([deactivated(admin, before), activate(other, next.id, before)]);
      expect([off.errors?.[0]?.extensions.code, on.errors?.[0]?.extensions.code].sort()).toEqual([
        'CONFLICT',
        undefined,
      ]);
      expect(await activeId(admin)).toBe(off.errors ? next.id : null);
    }
  });

  it('takes two ADMINs where it takes two to activate, and a word for one is none for the other', async () => {
    const two = await startTestWeftline({ database, environment: { WEFTLINE_POLICY_SECOND_ADMIN: 'true' } });
    try {
      const [first, second] = [await two.user({ role: 'ADMIN' }), await two.user({ role: 'ADMIN' })];
      const before = (await enforce(admin, { 'a.cedar': PERMIT_ALL })).id;
      const set = await upload(first, { 'a.cedar': `// of two again\n${PERMIT_ALL}` });
      const stateOf = async (asked: ReturnType<typeof deactivated>) => (await asked).data?.deactivatePolicies.state;
      expect((await activate(first, set.id, before)).data?.activatePolicySet.state).toBe('AWAITS_SECOND_ADMIN');
      expect(await stateOf(deactivated(second, before))).toBe('AWAITS_SECOND_ADMIN');
      expect(await stateOf(deactivated(second, before))).toBe('AWAITS_SECOND_ADMIN');
      expect((await activate(first, set.id, before)).data?.activatePolicySet.state).toBe('AWAITS_SECOND_ADMIN');
      expect(await stateOf(deactivated(second, before))).toBe('AWAITS_SECOND_ADMIN');
      expect(await activeId(admin)).toBe(before);
      expect(await stateOf(deactivated(first, before))).toBe('INACTIVE');
      expect(await activeId(admin)).toBeNull();
    } finally {
      await two.stop();
    }
  });
});

describe('/readyz', () => {
  const told = async (address = server.address): Promise<unknown> => (await fetch(`${address}/readyz`)).json();

  it('tells of an active set without a policy, and of one that cannot be read, and stays ready', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    expect(await told()).toEqual({ status: 'ready' });
    await enforce(admin, {});
    expect(await told()).toEqual({ status: 'ready', remarks: [expect.stringMatching(/holds none: all .* is denied/)] });
    const damaged = await upload(admin, { 'a.cedar': `// to be damaged\n${PERMIT_ALL}` });
    await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      tx.run(
        `// test.damage\nMATCH (s:PolicySet {id: $id}) SET s.policies = '{"a.cedar": "permit(principal, action, resource);"}'`,
        {
          id: damaged.id,
        },
      ),
    );
    await activate(admin, damaged.id, await activeId(admin));
    expect(await told()).toEqual({ status: 'ready', remarks: [expect.stringContaining('cannot be read')] });
    const owner = await server.user();
    const data = await new Seed(owner, `${server.namespace}-damaged`).dataset('data');
    expect(await owner.code(PUBLISH, { input: { dataset: data.id, version: '1' } })).toBe('INTERNAL');
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    expect(await told()).toEqual({ status: 'ready' });
    expect(await owner.ask(PUBLISH, { input: { dataset: data.id, version: '1' } })).not.toHaveProperty('errors');
  });

  it('tells of an empty folder, and of a faulty one, by which the server has started', async () => {
    const home = mkdtempSync(join(tmpdir(), 'weftline-policy-home-'));
    const policies = mkdtempSync(join(home, 'policies-'));
    const start = () =>
      ServerProcess.start(home, {
        ...{ NEO4J_URI: database.uri, NEO4J_USERNAME: database.username },
        ...{ NEO4J_PASSWORD: database.password, WEFTLINE_POLICIES: policies },
        WEFTLINE_AUDIT_KEY_FILE: testKeyFile(home),
      });
    try {
      const empty = await start();
      expect(await told(empty.address)).toEqual({ status: 'ready', remarks: [expect.stringContaining('holds none')] });
      await empty.kill('SIGTERM');
      expect(empty.output).toContain('There is no policy in this folder: all that policies decide is denied.');
      await enforce(admin, { 'a.cedar': PERMIT_ALL });
      writeFileSync(join(policies, 'a.cedar'), 'permit (principal');
      const faulty = await start();
      expect(await told(faulty.address)).toEqual({
        status: 'ready',
        remarks: [expect.stringMatching(/WEFTLINE_POLICIES cannot be used; the set that was active before stays so/)],
      });
      await faulty.kill('SIGTERM');
      expect(faulty.output).toContain('a.cedar:1:');
    } finally {
      rmSync(home, { recursive: true, force: true });
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

describe('The demo', () => {
  const told: string[] = [];
  const enforced = (needsSecond = false): Promise<boolean> => {
    told.length = 0;
    const client = new DemoClient(server.address, admin.token ?? '');
    const asset = { id: newId(), urn: 'urn:weft:deployment:demo:penguin-api' };
    return enforcePolicies(client, { 'penguin-api': asset }, needsSecond, new Display((text) => told.push(text)));
  };

  it('leaves the policies of others alone, and does without where it takes two to make its own active', async () => {
    const others = await enforce(admin, { 'a.cedar': `// of others\n${PERMIT_ALL}` });
    expect(await enforced()).toBe(false);
    expect(told.join('')).toContain('left out: other policies are active here');
    expect(await activeId(admin)).toBe(others.id);
    await admin.data(DEACTIVATE, { input: { expectedActive: others.id, reason: 'For the demo' } });
    expect(await enforced(true)).toBe(false);
    expect(told.join('')).toContain('WEFTLINE_POLICY_SECOND_ADMIN asks for a second person');
    expect(await activeId(admin)).toBeNull();
  });

  it('makes its own active where none are, and those of a later run in place of them', async () => {
    expect(await enforced()).toBe(true);
    const first = await activeId(admin);
    // Other assets: another text.
    expect(await enforced()).toBe(true);
    expect(await activeId(admin)).not.toBe(first);
  });
});
