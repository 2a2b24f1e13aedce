/** What policies leave to people: asked for, given, refused, and no longer worth anything. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { alwaysLater } from '../support/clocks.js';
import { enforce, forbidding, PERMIT_ALL, policyServer } from '../support/policies.js';
import { APPROVE, type Decision, deployed, DIGEST, REJECT, tried } from '../support/policy-decisions.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { Workbench } from '../support/training.js';
import type { TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let stop: () => Promise<void>;
let admin: Client;
let keys = 0;

beforeAll(async () => {
  ({ server, stop } = await policyServer({ now: alwaysLater() }));
  admin = await server.user({ role: 'ADMIN' });
});
afterAll(() => stop());

describe('A release that wants an approval', () => {
  const FOUR_EYES = forbidding('four-eyes', 'context.approvals.independent < 1', 'approval', 'deployModel');
  let owner: Client;
  let requester: Client;
  let seed: Seed;
  let deployment: SeededAsset;
  let model: SeededAsset;

  beforeEach(async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    [owner, requester] = [await server.user(), await server.user()];
    const team = await server.team(owner, requester);
    const name = `approval-${(keys += 1)}`;
    seed = new Seed(owner, `${server.namespace}-${name}`);
    const owners = [{ owner: team, role: 'OWNER' }];
    [deployment, model] = [
      await seed.deployment(name, { environment: 'Production', owners }),
      await seed.model(name, { owners }),
    ];
    await enforce(admin, { 'a.cedar': PERMIT_ALL + FOUR_EYES });
  });

  /** A version that somebody who takes no part made, so that both owners may approve it but for who asks. */
  const version = async (name: string, by?: Client): Promise<string> => {
    const made = await seed.modelVersion(model.id, name, { digest: DIGEST });
    const author = by ?? (await server.user());
    const trainer = await new Seed(author, `${server.namespace}-code-${(keys += 1)}`).transformation('train');
    await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      tx.run(
        `// test.madeBy
MATCH (v:Version&Node {id: $version}), (t:Asset {id: $trainer})
CREATE (r:Run:Node {id: randomUUID(), state: 'SUCCEEDED'})-[:RUN_OF]->(t)
CREATE (r)-[:GENERATED {since: v.createdAt, recordedAt: v.createdAt}]->(v)`,
        { version: made, trainer: trainer.id },
      ),
    );
    return made;
  };

  it('waits for somebody else, is let through by their word, and by no word on another version', async () => {
    const [one, two] = [await version('1'), await version('2')];
    const denied = await deployed(requester, deployment.id, one);
    expect(denied.reasons?.map(({ rule }) => rule)).toEqual(['POLICY:four-eyes']);
    const approval = denied.reasons?.[0]?.policyApproval;
    expect((await deployed(requester, deployment.id, one)).reasons?.[0]?.policyApproval).toBe(approval);
    expect(await requester.code(APPROVE, { input: { approval } })).toBe('FORBIDDEN');
    const stranger = await server.user();
    expect(await stranger.code(APPROVE, { input: { approval } })).toBe('FORBIDDEN');
    expect(await owner.data(APPROVE, { input: { approval } })).toEqual({
      approveDecision: { policyApproval: { id: approval, state: 'APPROVED' } },
    });
    expect((await deployed(requester, deployment.id, two)).__typename).toBe('DeployDenied');
    const release = await deployed(requester, deployment.id, one);
    expect(release.__typename).toBe('Release');
    const { node: shown } = await owner.data<{ node: { policyDecisions: { nodes: Decision[] } } }>(
      'query ($id: ID!) { node(id: $id) { ... on Release { policyDecisions { nodes { outcome approval { id state } } } } } }',
      { id: release.id },
    );
    expect(shown.policyDecisions.nodes).toEqual([{ outcome: 'PERMIT', approval: { id: approval, state: 'APPROVED' } }]);
  });

  it('is not approved once what it is of has changed, nor by who wrote the code', async () => {
    const one = await version('1', admin);
    const approval = (await deployed(requester, deployment.id, one)).reasons?.[0]?.policyApproval;
    await owner.data('mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { __typename } }', {
      input: { ref: deployment.id, environment: 'elsewhere' },
    });
    expect((await admin.error(APPROVE, { input: { approval } })).message).toContain('code that you wrote');
    const error = await owner.error(APPROVE, { input: { approval } });
    expect(error.extensions.code).toBe('CONFLICT');
    expect(error.message).toContain('has changed since');
    expect(await owner.data(REJECT, { input: { approval } })).toMatchObject({
      rejectDecision: { policyApproval: { state: 'REJECTED' } },
    });
    expect(await owner.code(APPROVE, { input: { approval } })).toBe('CONFLICT');
  });
});

describe('An approval', () => {
  it('that has expired is not given any more', async () => {
    const bench = await Workbench.open(server, 'expired');
    const wants = forbidding('eyes', 'context.approvals.independent < 1', 'approval', 'launchTraining');
    await enforce(admin, { 'a.cedar': PERMIT_ALL + wants });
    const approval = (await tried(bench)).reasons?.[0]?.policyApproval;
    await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      tx.run('// test.expire\nMATCH (p:PolicyApproval {id: $id}) SET p.expiresAt = $at', {
        id: approval,
        at: new Date(),
      }),
    );
    expect((await admin.error(APPROVE, { input: { approval } })).message).toContain('expired at');
    expect((await tried(bench)).reasons?.[0]?.policyApproval).not.toBe(approval);
  });
});
