/** Emergencies: for a time policies give way to one person, rights and law never do; somebody knows of it, and somebody else reviews it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Client } from '../support/client.js';
import { EventReceiver } from '../support/event-receiver.js';
import { enforce, forbidding, PERMIT_ALL, policyServer } from '../support/policies.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import type { TestWeftline } from '../support/weftline.js';

const FIELDS = `id state reason actions endsAt closedAt reviewDueAt verdict reviewText
  openedBy { id } secondPerson { id } closedBy { id } reviewedBy { id } asset { id }`;
const mutation = (name: string): string =>
  `mutation ($input: ${name[0]?.toUpperCase()}${name.slice(1)}Input!) { done: ${name}(input: $input) { breakGlass { ${FIELDS} } } }`;
const [OPEN, CLOSE, REVIEW] = ['openBreakGlass', 'closeBreakGlass', 'reviewBreakGlass'].map(mutation) as [
  string,
  string,
  string,
];
const DEPLOY = `mutation ($input: DeployModelInput!) { made: deployModel(input: $input) { __typename
  ... on Release { id policyDecisions { nodes { id decidedAt breakGlass { id } } } }
  ... on DeployDenied { reasons { rule policyDecision } } } }`;
const LIST = `query ($filter: BreakGlassFilter) { breakGlasses(filter: $filter, first: 50) { totalCount nodes { id state } } }`;
const ONE = `query ($id: ID!) { breakGlass(id: $id) { ${FIELDS} policyDecisions { totalCount nodes { id outcome } } } node(id: $id) { id } }`;
const DECISION = 'query ($id: ID!) { policyDecision(id: $id) { outcome decidedAt facts breakGlass { id } } }';
const REPLAY =
  'query ($id: ID!) { replayDecision(id: $id) { isSame isIntact outcome changedFacts } policyDecision(id: $id) { facts } }';
/** Gives way in an emergency, and forbids again after it. */
const PINNED = `@id("pinned")\n@reason("Pin it.")\nforbid (principal, action == Action::"deployModel", resource)
when { context.inputs.unpinned > 0 } unless { context.breakGlass.active };\n`;
const LAW = forbidding('law', 'context.environment == "abroad"', 'fail', 'deployModel');
const LONGEST_MS = 600_000;
const HOUR_MS = 3_600_000;

interface Glass {
  id: string;
  state: string;
  endsAt: string;
  closedAt: string | null;
  reviewDueAt: string;
}
interface Told {
  change: string;
  breakGlass: { id: string };
}
interface Made {
  __typename: string;
  reasons?: { rule: string; policyDecision: string }[];
  policyDecisions?: { nodes: { id: string; decidedAt: string; breakGlass: { id: string } | null }[] };
}

let server: TestWeftline;
let stop: () => Promise<void>;
let receiver: EventReceiver;
let folder: string;
let [admin, owner, second]: Client[] = [];
let seed: Seed;
let [version, newer]: string[] = [];
let skewMs = 0;
let made = 0;

const as = (client: Client | undefined): Client => client ?? expect.fail('Nobody is there.');

beforeAll(async () => {
  const now = (): Date => new Date(Date.now() + skewMs);
  receiver = await new EventReceiver().start();
  folder = mkdtempSync(join(tmpdir(), 'weftline-break-glass-'));
  const secretFile = join(folder, 'secret');
  writeFileSync(secretFile, 'a-secret-of-the-test');
  const telling = { webhook: { url: receiver.url, secretFile, allowsPrivate: true }, pace: { everyMs: 50 } };
  ({ server, stop } = await policyServer({
    ...{ policyWatch: true, now, telling, environment: { WEFTLINE_BREAK_GLASS_REVIEW_HOURS: '1' } },
  }));
  admin = await server.user({ role: 'ADMIN' });
  const [glass, eyes] = ['break-glass', 'four-eyes'].map((name) => readFileSync(`policies/${name}.cedar`, 'utf8'));
  await enforce(admin, { 'a.cedar': PERMIT_ALL + LAW + PINNED, 'b.cedar': glass ?? '', 'c.cedar': eyes ?? '' });
}, 300_000);
afterAll(async () => {
  await stop();
  await receiver.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  [owner, second] = [await server.user(), await server.user({ role: 'ADMIN' })];
  seed = new Seed(owner, `${server.namespace}-${(made += 1)}`);
  const model = await seed.model('model');
  [version, newer] = [await seed.modelVersion(model.id), await seed.modelVersion(model.id, '2')];
  await seed.run((await seed.transformation('training')).id, [], [version, newer]);
});

const production = (more: Record<string, unknown> = {}): Promise<SeededAsset> =>
  seed.deployment(`live-${(made += 1)}`, { environment: 'production', ...more });
const asked = (asset: string, more: Record<string, unknown> = {}) => ({
  input: {
    ...{ asset, actions: ['deployModel'], reason: 'The shop is down', minutes: 60, secondPerson: as(second).userId },
    ...more,
  },
});
const done = async (client: Client | undefined, text: string, variables: Record<string, unknown>): Promise<Glass> =>
  (await as(client).data<{ done: { breakGlass: Glass } }>(text, variables)).done.breakGlass;
const open = (asset: string, more: Record<string, unknown> = {}) => done(owner, OPEN, asked(asset, more));
const close = (breakGlass: string, by = owner) => done(by, CLOSE, { input: { breakGlass } });
const review = (breakGlass: string) => ({ input: { breakGlass, verdict: 'JUSTIFIED', text: 'It served again' } });
/** What serves already is let be, so another version is released over it. */
const deploy = async (deployment: SeededAsset, by = owner, modelVersion = version): Promise<Made> =>
  (await as(by).data<{ made: Made }>(DEPLOY, { input: { deployment: deployment.id, modelVersion } })).made;
const rulesOf = ({ reasons }: Made): string[] => (reasons ?? []).map(({ rule }) => rule).sort();
const listed = async (client: Client | undefined, filter: Record<string, unknown> = {}): Promise<string[]> =>
  (await as(client).data<{ breakGlasses: { nodes: { id: string }[] } }>(LIST, { filter })).breakGlasses.nodes.map(
    ({ id }) => id,
  );
const until = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: LONGEST_MS, interval: 200 });
const STOPPED = ['POLICY:four-eyes', 'POLICY:pinned'];

describe('In an emergency', { timeout: LONGEST_MS }, () => {
  it('policies that say so give way to who declared it, for that asset and action alone, and the decision keeps it', async () => {
    const [deployment, other] = [await production(), await production()];
    expect(rulesOf(await deploy(deployment))).toEqual(STOPPED);
    const glass = await open(deployment.urn);
    expect(glass).toMatchObject({
      ...{ state: 'ACTIVE', actions: ['deployModel'], closedAt: null, verdict: null, asset: { id: deployment.id } },
      ...{ openedBy: { id: as(owner).userId }, secondPerson: { id: as(second).userId } },
    });
    // Repeated, it is the same; another beside it is refused.
    expect((await open(deployment.id)).id).toBe(glass.id);
    expect(await as(owner).code(OPEN, asked(deployment.id, { minutes: 61 }))).toBe('CONFLICT');
    const release = await deploy(deployment);
    expect(release.__typename).toBe('Release');
    const [decision] = release.policyDecisions?.nodes ?? [];
    expect(decision?.breakGlass).toEqual({ id: glass.id });
    expect(rulesOf(await deploy(other))).toEqual(STOPPED);
    // Whoever else could do it is not covered by it.
    const partner = await server.user();
    await grant(deployment.id, partner.userId, 'EDIT');
    await grant((await modelOf(version ?? '')).id, partner.userId, 'DEPLOY');
    expect(rulesOf(await deploy(deployment, partner, newer))).toEqual(STOPPED);

    await close(glass.id);
    const { breakGlass } = await as(second).data<{ breakGlass: { policyDecisions: { nodes: { id: string }[] } } }>(
      ONE,
      { id: glass.id },
    );
    expect(breakGlass.policyDecisions.nodes.map(({ id }) => id)).toEqual([decision?.id]);
    const replay = await as(owner).data<{ replayDecision: { changedFacts: string[] } }>(REPLAY, { id: decision?.id });
    expect(replay).toMatchObject({
      replayDecision: { isSame: true, isIntact: true, outcome: 'PERMIT' },
      policyDecision: {
        facts: { breakGlass: { active: true, reason: 'The shop is down', secondPersonNotified: true } },
      },
    });
    expect(replay.replayDecision.changedFacts).toContain('breakGlass.active');
    expect(rulesOf(await deploy(deployment, owner, newer))).toEqual(STOPPED);
  });

  it('what law asks for does not give way', async () => {
    const abroad = await production({ environment: 'abroad' });
    await open(abroad.id);
    expect(rulesOf(await deploy(abroad))).toEqual(['POLICY:law']);
  });

  it('nothing gives way once the second person is gone', async () => {
    const deployment = await production();
    await open(deployment.id);
    await as(admin).data(
      'mutation ($input: DisablePrincipalInput!) { disablePrincipal(input: $input) { __typename } }',
      {
        input: { principal: as(second).userId, reason: 'Left' },
      },
    );
    expect(rulesOf(await deploy(deployment))).toEqual(['POLICY:break-glass-announced']);
  });

  it('of closing and deciding at once, each decision is as it was at its time', async () => {
    for (let round = 0; round < 10; round += 1) {
      const deployment = await production();
      const { id } = await open(deployment.id);
      const [release, closed] = await Promise.all([deploy(deployment), close(id)]);
      const decision = release.policyDecisions?.nodes[0]?.id ?? release.reasons?.[0]?.policyDecision;
      const { policyDecision } = await as(owner).data<{
        policyDecision: { outcome: string; decidedAt: string; facts: { breakGlass: { active: boolean } } };
      }>(DECISION, { id: decision });
      const isPermitted = policyDecision.outcome === 'PERMIT';
      expect(policyDecision.facts.breakGlass.active).toBe(isPermitted);
      const [decidedAt, closedAt] = [Date.parse(policyDecision.decidedAt), Date.parse(closed.closedAt ?? '')];
      if (isPermitted) expect(decidedAt).toBeLessThanOrEqual(closedAt);
      else expect(decidedAt).toBeGreaterThanOrEqual(closedAt);
    }
  });
});

describe('An emergency', { timeout: LONGEST_MS }, () => {
  it('ends by itself: nothing more goes through, and what it let through is a violation', async () => {
    const deployment = await production();
    await server.sealed();
    const { events } = await as(second).open<{ breakGlassChanged: Told }>(
      `subscription { breakGlassChanged { change breakGlass { id } } }`,
    );
    const glass = await open(deployment.id);
    // Those of other tests end as well.
    const told = async (): Promise<string> => {
      for (;;) {
        const { value } = (await events.next()) as { value: { data: { breakGlassChanged: Told } } };
        const { change, breakGlass } = value.data.breakGlassChanged;
        if (breakGlass.id === glass.id) return change;
      }
    };
    expect(await told()).toBe('OPENED');
    expect((await deploy(deployment)).__typename).toBe('Release');
    skewMs += HOUR_MS + 1_000;
    expect(rulesOf(await deploy(deployment, owner, newer))).toEqual(STOPPED);
    expect(await told()).toBe('EXPIRED');
    const VIOLATIONS =
      'query ($deployment: AssetRef!) { violations(deployment: $deployment, state: OPEN) { nodes { policy } } }';
    await until(async () => {
      const answer = await as(owner).data<{ violations: { nodes: { policy: string }[] } }>(VIOLATIONS, {
        deployment: deployment.id,
      });
      // The approval that it went without is missed too.
      expect(answer.violations.nodes.map(({ policy }) => policy).sort()).toEqual(['four-eyes', 'pinned']);
    });
    const sent = () => receiver.taken.map((each) => each as unknown as Record<string, string>);
    const ofThis = () => sent().filter(({ breakGlass }) => breakGlass === glass.id);
    await until(() => expect(ofThis().map(({ event }) => event)).toEqual(['breakGlass.opened', 'breakGlass.expired']));
    expect(Object.keys(ofThis()[0] ?? {}).sort()).toEqual(['at', 'breakGlass', 'event', 'id']);
    // Over it stays as it is, whoever closes it.
    expect(await close(glass.id)).toMatchObject({ state: 'REVIEW_DUE', closedAt: null });
    expect(await listed(second, { due: true, toldToMe: true })).toEqual([glass.id]);
    expect(await listed(owner, { due: true, toldToMe: true })).toEqual([]);

    // Somebody else who finds that it was justified says what the approval would have said, and nothing more.
    await done(second, REVIEW, review(glass.id));
    await until(async () => {
      const { violations } = await as(owner).data<{ violations: { nodes: { policy: string; closing: string }[] } }>(
        'query ($ref: AssetRef!) { violations(deployment: $ref) { nodes { policy closing decision { outcome } } } }',
        { ref: deployment.id },
      );
      expect(violations.nodes.toSorted((a, b) => a.policy.localeCompare(b.policy))).toEqual([
        { policy: 'four-eyes', closing: 'CAUSE_GONE', decision: { outcome: 'FORBID' } },
        { policy: 'pinned', closing: null, decision: { outcome: 'FORBID' } },
      ]);
    });
  });

  it('is reviewed by another person once it is over; what is not in time lets nothing more through', async () => {
    const [deployment, next] = [await production(), await production()];
    const { id } = await open(deployment.id);
    expect(await as(admin).code(REVIEW, review(id))).toBe('CONFLICT');
    const closed = await close(id, second);
    expect(closed).toMatchObject({ state: 'REVIEW_DUE', closedBy: { id: as(second).userId } });
    expect(Date.parse(closed.reviewDueAt) - Date.parse(closed.closedAt ?? '')).toBe(HOUR_MS);
    expect(await as(owner).error(REVIEW, review(id))).toMatchObject({
      message: expect.stringContaining('somebody else reviews it') as string,
      extensions: { code: 'FORBIDDEN' },
    });
    expect(await (await server.user()).code(REVIEW, review(id))).toBe('FORBIDDEN');
    skewMs += HOUR_MS + 1_000;
    expect(await listed(owner, { states: ['REVIEW_OVERDUE'], asset: deployment.urn })).toEqual([id]);
    const another = await open(next.id);
    expect(rulesOf(await deploy(next))).toEqual(['POLICY:break-glass-reviews']);
    const reviewed = await done(second, REVIEW, review(id));
    expect(reviewed).toMatchObject({ state: 'REVIEWED', verdict: 'JUSTIFIED', reviewText: 'It served again' });
    expect(await done(second, REVIEW, review(id))).toEqual(reviewed);
    expect(await as(admin).code(REVIEW, review(id))).toBe('CONFLICT');
    expect((await deploy(next)).__typename).toBe('Release');
    expect(await listed(owner, { asset: next.id, states: ['ACTIVE'] })).toEqual([another.id]);
    const log = `query ($filter: AuditFilter) { audit(filter: $filter) { nodes { action after } } }`;
    await server.sealed();
    const { audit } = await as(owner).data<{ audit: { nodes: { action: string }[] } }>(log, {
      filter: { target: id },
    });
    expect(audit.nodes.map(({ action }) => action).sort()).toEqual([
      ...['breakGlass:close', 'breakGlass:open', 'breakGlass:review'],
    ]);
  });

  it('forgets why, and how it was reviewed, with the person who wrote it, and the decision is made again all the same', async () => {
    const deployment = await production();
    const { id } = await open(deployment.id, { reason: 'I am ill and the shop is down' });
    const decision = (await deploy(deployment)).policyDecisions?.nodes[0]?.id;
    await close(id);
    await done(second, REVIEW, review(id));
    const erase = (user: string | undefined) =>
      as(admin).data('mutation ($input: ErasePersonInput!) { erasePerson(input: $input) { entries } }', {
        input: { user },
      });
    const shown = async () =>
      (await as(admin).data<{ breakGlass: { reason: string; reviewText: string } }>(ONE, { id })).breakGlass;
    await erase(as(owner).userId);
    expect(await shown()).toMatchObject({ reason: 'erased', reviewText: 'It served again' });
    await erase(as(second).userId);
    expect(await shown()).toMatchObject({ reason: 'erased', reviewText: 'erased', verdict: 'JUSTIFIED' });
    expect(await as(admin).data(REPLAY, { id: decision })).toMatchObject({
      replayDecision: { isSame: true, isIntact: true },
    });
  });

  it('is opened with a reason, an end and a second person who may know, by a person with the rights', async () => {
    const deployment = await production();
    const stranger = await server.user();
    const { made: robot } = await as(admin).data<{ made: { serviceAccount: { id: string } } }>(
      'mutation ($input: CreateServiceAccountInput!) { made: createServiceAccount(input: $input) { serviceAccount { id } } }',
      { input: { name: `robot-${(made += 1)}`, role: 'MEMBER' } },
    );
    for (const [more, says] of [
      [{ reason: '  ' }, '`reason` is empty'],
      [{ minutes: 0 }, '`minutes` is 0'],
      [{ minutes: 241 }, 'from 1 to 240 minutes'],
      [{ actions: [] }, '`actions` is empty'],
      [{ actions: ['launchTraining'] }, 'launchTraining is not done with'],
      [{ secondPerson: as(owner).userId }, '`secondPerson` is'],
      [{ secondPerson: stranger.userId }, '`secondPerson` is'],
      [{ secondPerson: robot.serviceAccount.id }, '`secondPerson` is'],
      [{ secondPerson: 'nobody' }, '`secondPerson` is nobody'],
    ] as const) {
      const error = await as(owner).error(OPEN, asked(deployment.id, more));
      expect(error.extensions.code).toBe('BAD_USER_INPUT');
      expect(error.message).toContain(says);
    }
    const refused = await stranger.error(OPEN, asked(deployment.id));
    expect(refused).toMatchObject({
      ...{ extensions: { code: 'FORBIDDEN' }, message: expect.stringContaining('rights do not') as string },
    });
    expect(await listed(owner, { asset: deployment.id })).toEqual([]);
  });

  it('is not there for who may not see the asset', async () => {
    const deployment = await production({ visibility: 'RESTRICTED' });
    const { id } = await open(deployment.id);
    const stranger = await server.user();
    expect(await stranger.data(ONE, { id })).toEqual({ breakGlass: null, node: null });
    expect(await listed(stranger, { asset: deployment.id })).toEqual([]);
    expect(await listed(stranger)).not.toContain(id);
    const missing = '00000000-0000-7000-8000-000000000000';
    const said = async (text: string, input: object): Promise<string> =>
      (await stranger.error(text, { input })).message
        .replaceAll(id, '…')
        .replaceAll(missing, '…')
        .replaceAll(deployment.id, '…');
    expect(await said(CLOSE, { breakGlass: id })).toBe(await said(CLOSE, { breakGlass: missing }));
    expect(await said(REVIEW, review(id).input)).toBe(await said(REVIEW, review(missing).input));
    expect(await said(OPEN, asked(deployment.id).input)).toBe(await said(OPEN, asked(missing).input));
  });
});

const grant = (asset: string, grantee: string, action: string) =>
  as(owner).data('mutation ($input: GrantAccessInput!) { grantAccess(input: $input) { __typename } }', {
    input: {
      asset,
      grantee,
      actions: [action],
      purpose: 'A test',
      until: new Date(Date.now() + skewMs + HOUR_MS).toISOString(),
    },
  });

async function modelOf(modelVersion: string): Promise<{ id: string }> {
  const answer = await as(owner).data<{ node: { model: { id: string } } }>(
    'query ($id: ID!) { node(id: $id) { ... on ModelVersion { model { id } } } }',
    { id: modelVersion },
  );
  return answer.node.model;
}
