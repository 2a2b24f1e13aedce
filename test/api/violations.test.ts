/** What serves and would be forbidden now: found within seconds of a change, told to who may know, and over when its cause is gone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Client } from '../support/client.js';
import { EventReceiver } from '../support/event-receiver.js';
import { activate, activeId, enforce, forbidding, PERMIT_ALL, policyServer, upload } from '../support/policies.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Violation {
  id: string;
  policy: string | null;
  deployment: { id: string } | null;
  release: { id: string } | null;
  reasons: string[];
  closedAt: string | null;
  closing: string | null;
  decision: {
    id: string;
    outcome: string;
    witnesses: { fact: string; steps: { kind: string; asset: string | null }[] }[];
  } | null;
}

const FIELDS = `id policy deployment { id } release { id } reasons closedAt closing
  decision { id outcome witnesses { fact steps { kind asset } } }`;
const VIOLATIONS = `query ($deployment: AssetRef, $policy: String, $state: ViolationState) {
  violations(deployment: $deployment, policy: $policy, state: $state, first: 100) { totalCount nodes { ${FIELDS} } } }`;
const DEPLOY =
  'mutation ($input: DeployModelInput!) { deployModel(input: $input) { __typename ... on Release { id } } }';
const LABEL = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { labelDeclaration { id } } }';
const WITHDRAW = 'mutation ($input: WithdrawLabelInput!) { withdrawLabel(input: $input) { labelDeclaration { id } } }';
const NO_HEALTH = forbidding('no-health-data', 'context.labels.personalData.contains("health")', 'fail', 'deployModel');
const PINNED = forbidding('model-pinned', 'context.inputs.unpinned > 0', 'fail', 'deployModel');

/** A busy machine takes its time: only what never comes is given up. */
const LONGEST_MS = 600_000;

let server: TestWeftline;
let second: TestWeftline;
let stop: () => Promise<void>;
let admin: Client;
let owner: Client;
let seed: Seed;
let namespace: string;
let made = 0;
let skewMs = 0;
let receiver: EventReceiver;
let folder: string;

/** Waits until it is so; the time limit of the test ends it. */
const until = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: LONGEST_MS, interval: 200 });

beforeAll(async () => {
  const now = (): Date => new Date(Date.now() + skewMs);
  receiver = await new EventReceiver().start();
  folder = mkdtempSync(join(tmpdir(), 'weftline-violations-'));
  const secretFile = join(folder, 'secret');
  writeFileSync(secretFile, 'a-secret-of-the-test');
  const telling = { webhook: { url: receiver.url, secretFile, allowsPrivate: true }, pace: { everyMs: 50 } };
  const own = await policyServer({ policyWatch: true, now, telling });
  ({ server } = own);
  // Two servers of one database look for the same: each is found once all the same.
  second = await startTestWeftline({ database: own.database, policyWatch: true, now, telling });
  stop = async () => {
    await second.stop();
    await own.stop();
    await receiver.stop();
    rmSync(folder, { recursive: true });
  };
  admin = await server.user({ role: 'ADMIN' });
  owner = await server.user();
});
afterAll(() => stop());
/** Each test has a namespace of its own: one of them closes its. */
beforeEach(() => {
  namespace = `${server.namespace}-${(made += 1)}`;
  seed = new Seed(owner, namespace);
});

const listed = async (as: Client, asked: Record<string, unknown> = {}): Promise<Violation[]> =>
  (await as.data<{ violations: { nodes: Violation[] } }>(VIOLATIONS, asked)).violations.nodes;

/** Raw data, cleaned, trained on, and what came of it serving. */
async function served(): Promise<{ raw: SeededAsset; deployment: SeededAsset; release: string; version: string }> {
  const name = `served-${(made += 1)}`;
  const [raw, clean, model, deployment] = [
    await seed.dataset(`${name}.raw`),
    await seed.dataset(`${name}.clean`),
    await seed.model(`${name}.model`),
    await seed.deployment(name),
  ];
  const [rawVersion, cleanVersion, version] = [
    await seed.datasetVersion(raw.id),
    await seed.datasetVersion(clean.id),
    await seed.modelVersion(model.id),
  ];
  await seed.run((await seed.transformation(`${name}.cleaning`)).id, [rawVersion], [cleanVersion]);
  await seed.run((await seed.transformation(`${name}.training`)).id, [cleanVersion], [version]);
  await labelled(raw.id, []);
  const answer = await owner.data<{ deployModel: { id: string } }>(DEPLOY, {
    input: { deployment: deployment.id, modelVersion: version },
  });
  return { raw, deployment, release: answer.deployModel.id, version };
}
const labelled = async (asset: string, values: string[], more: Record<string, unknown> = {}): Promise<string> =>
  (
    await owner.data<{ declareLabel: { labelDeclaration: { id: string } } }>(LABEL, {
      input: { asset, dimension: 'personalData', values, ...more },
    })
  ).declareLabel.labelDeclaration.id;

describe('A violation', { timeout: LONGEST_MS }, () => {
  it('begins with a label far up the line, shows the way, is told to who sees it, and ends with the label', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL + NO_HEALTH });
    const [{ raw, deployment, release }, other] = [await served(), await served()];
    const stranger = await server.user();
    await admin.data(
      'mutation ($input: SetNamespaceVisibilityInput!) { setNamespaceVisibility(input: $input) { followed } }',
      { input: { namespace, visibility: 'RESTRICTED' } },
    );
    await server.sealed();
    const stream = `subscription { violationChanged { change violation { policy deployment { id } } } }`;
    const { events } = await owner.open<{ violationChanged: { change: string } }>(stream);
    const label = await labelled(raw.id, ['health']);
    await until(async () => expect(await listed(owner, { deployment: deployment.id, state: 'OPEN' })).toHaveLength(1));
    const [violation] = await listed(owner, { deployment: deployment.urn });
    expect(violation).toMatchObject({
      ...{ policy: 'no-health-data', deployment: { id: deployment.id }, release: { id: release } },
      ...{ reasons: ['no-health-data: Reason of no-health-data.'], closedAt: null, closing: null },
      decision: { outcome: 'FORBID' },
    });
    const way = violation?.decision?.witnesses.find(({ fact }) => fact === 'labels.personalData');
    expect(way?.steps.map(({ kind }) => kind)).toEqual(['VERSION', 'RUN', 'VERSION', 'RUN', 'VERSION']);
    expect(way?.steps.at(-1)?.asset).toBe(raw.id);
    expect(await listed(owner, { deployment: other.deployment.id })).toEqual([]);
    expect((await events.next()).value).toEqual({
      data: {
        violationChanged: {
          ...{ change: 'OPENED', violation: { policy: 'no-health-data', deployment: { id: deployment.id } } },
        },
      },
    });
    // To who may not see the deployment it is not there.
    expect(await listed(stranger)).toEqual([]);
    expect(await listed(stranger, { deployment: deployment.id })).toEqual([]);
    const one = 'query ($id: ID!) { violation(id: $id) { id } node(id: $id) { id } }';
    expect(await stranger.data(one, { id: violation?.id })).toEqual({ violation: null, node: null });
    expect(await owner.data(one, { id: violation?.id })).toMatchObject({ violation: { id: violation?.id } });
    // What serves is left alone.
    const serving =
      'query ($ref: AssetRef!) { asset(ref: $ref) { ... on Deployment { current { id } violations(state: OPEN) { totalCount } } } }';
    expect(await owner.data(serving, { ref: deployment.id })).toEqual({
      asset: { current: { id: release }, violations: { totalCount: 1 } },
    });
    await owner.data(WITHDRAW, { input: { label } });
    await until(async () =>
      expect(await listed(owner, { deployment: deployment.id })).toEqual([
        expect.objectContaining({ id: violation?.id, closing: 'CAUSE_GONE', closedAt: expect.any(String) as string }),
      ]),
    );
    expect((await events.next()).value).toMatchObject({ data: { violationChanged: { change: 'CLOSED' } } });
    await events.return(undefined);
    // The webhook is told ids and times, and nothing else.
    const told = () => receiver.taken.map((each) => each as unknown as Record<string, string>);
    const of = (event: string) =>
      told().filter((each) => each['event'] === event && each['violation'] === violation?.id);
    for (const event of ['violation.opened', 'violation.closed']) {
      await until(() => expect(of(event)).toHaveLength(1));
      expect(Object.keys(of(event)[0] ?? {}).sort()).toEqual(['at', 'event', 'id', 'violation']);
    }
  });

  it('begins and ends with a set of policies, one for each policy, and ends when the release does', async () => {
    const free = await enforce(admin, { 'a.cedar': PERMIT_ALL });
    const [one, two] = [await served(), await served()];
    const strict = await upload(admin, {
      'a.cedar': PERMIT_ALL + PINNED + forbidding('never', 'true', 'fail', 'deployModel'),
    });
    await activate(admin, strict.id, free.id);
    const policies = async (id: string, state: string) =>
      (await listed(owner, { deployment: id, state })).map(({ policy }) => policy).sort();
    for (const { deployment } of [one, two])
      await until(async () => expect(await policies(deployment.id, 'OPEN')).toEqual(['model-pinned', 'never']));
    await owner.data('mutation ($input: EndReleaseInput!) { endRelease(input: $input) { __typename } }', {
      input: { deployment: one.deployment.id },
    });
    await until(async () => expect(await policies(one.deployment.id, 'OPEN')).toEqual([]));
    const ended = await listed(owner, { deployment: one.deployment.id });
    expect(ended.map(({ closing }) => closing)).toEqual(['RELEASE_ENDED', 'RELEASE_ENDED']);
    await enforce(admin, { 'a.cedar': PERMIT_ALL + PINNED });
    await until(async () => expect(await policies(two.deployment.id, 'OPEN')).toEqual(['model-pinned']));
    expect((await listed(owner, { deployment: two.deployment.id, policy: 'never' }))[0]?.closing).toBe('POLICY_GONE');
    // A set that permits nothing says so without a policy.
    await enforce(admin, { 'a.cedar': forbidding('never-ever', 'context.inputs.count > 1000', 'fail', 'deployModel') });
    await until(async () => expect(await policies(two.deployment.id, 'OPEN')).toEqual([null]));
    // Of all that was found by two servers, nothing was found twice.
    const all = await listed(admin, { deployment: two.deployment.id });
    expect(all.map(({ policy }) => policy).sort()).toEqual(['model-pinned', 'never', null]);
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    await until(async () => expect(await listed(admin, { state: 'OPEN' })).toEqual([]));
  });

  it('is found of each change that comes while others are looked at, and by time alone', async () => {
    await enforce(admin, { 'a.cedar': PERMIT_ALL + NO_HEALTH });
    const all = await Promise.all(Array.from({ length: 4 }, served));
    const labels = await Promise.all(all.map(({ raw }) => labelled(raw.id, ['health'])));
    for (const { deployment } of all)
      await until(async () =>
        expect(await listed(owner, { deployment: deployment.id, state: 'OPEN' })).toHaveLength(1),
      );
    await Promise.all(labels.map((label) => owner.data(WITHDRAW, { input: { label } })));
    for (const { deployment } of all)
      await until(async () => expect(await listed(owner, { deployment: deployment.id, state: 'OPEN' })).toEqual([]));
    const [{ raw, deployment }] = all as [Awaited<ReturnType<typeof served>>];
    const begins = new Date(Date.now() + skewMs + 3_600_000).toISOString();
    await labelled(raw.id, ['health'], { validFrom: begins });
    // Nothing is written from here on: two hours pass.
    skewMs += 7_200_000;
    await until(async () => expect(await listed(admin, { deployment: deployment.id, state: 'OPEN' })).toHaveLength(1));
  });

  it('is seen by a frozen session as it was then', async () => {
    const open = await listed(admin, { state: 'OPEN' });
    expect(open).toHaveLength(1);
    const auditor = await server.user({ role: 'AUDITOR' });
    const session = await admin.data<{ made: { secret: string } }>(
      'mutation ($input: OpenAuditorSessionInput!) { made: openAuditorSession(input: $input) { secret } }',
      { input: { auditor: auditor.userId, reason: 'A test' } },
    );
    const frozen = new Client(server.address, session.made.secret, auditor.userId);
    const before = await activeId(admin);
    await enforce(admin, { 'a.cedar': PERMIT_ALL });
    await until(async () => expect(await listed(admin, { state: 'OPEN' })).toEqual([]));
    expect(await listed(frozen, { state: 'OPEN' })).toEqual(open);
    expect((await listed(admin, { deployment: open[0]?.deployment?.id }))[0]?.closing).toBe('POLICY_GONE');
    await activate(admin, before ?? '', await activeId(admin));
    await until(async () => expect(await listed(admin, { state: 'OPEN' })).toHaveLength(1));
    const text = await (await fetch(`${server.address}/metrics`)).text();
    expect(text).toMatch(/weftline_policy_violations_open 1\n/);
    expect(text).toMatch(/weftline_policy_check_lag_seconds \d/);
  });
});
