import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { type OwnGraph, ownGraph } from '../support/own-graph.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const DELETE = 'mutation ($input: ChangeAssetInput!) { deleteAsset(input: $input) { deletedId releasedUrns } }';
const RELEASE = 'mutation ($input: ReleaseUrnInput!) { releaseUrn(input: $input) { asset { id urn name } } }';
const RENAME = 'mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { urn } } }';
const RETIRE = 'mutation ($input: RetireAssetInput!) { retireAsset(input: $input) { asset { urn } } }';
const FIND = 'query ($ref: AssetRef!) { asset(ref: $ref) { id } }';

let database: OwnGraph;
let server: TestWeftline;
let owner: Client;
let seed: Seed;

// A session of an auditor that another file opens would keep what is to be deleted here: a graph of our own.
beforeAll(async () => {
  database = await ownGraph();
  server = await startTestWeftline({ database });
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});

afterAll(async () => {
  await server.stop();
  await database.giveBack();
});

const idOf = async (ref: string, as = owner): Promise<string | null> =>
  (await as.data<{ asset: { id: string } | null }>(FIND, { ref })).asset?.id ?? null;
const refusal = async (text: string, input: object, as = owner): Promise<string> => {
  const { message, extensions } = await as.error(text, { input });
  return `${extensions.code}: ${message}`;
};

describe('An asset that nothing hangs on', () => {
  it('is deleted with all that is its own, frees its urns, and is known to the log', async () => {
    const { id, urn } = await seed.dataset('mistaken', {
      fields: [
        { name: 'a', type: 'struct' },
        { name: 'a.b', type: 'int' },
      ],
      tags: ['t'],
    });
    const renamed = await owner.data<{ renameAsset: { asset: { urn: string } } }>(RENAME, {
      input: { ref: id, name: 'wrong' },
    });
    await owner.data(
      `mutation { reportQuality(input: { dataset: "${id}", source: "tests", measuredAt: "2026-11-01T00:00:00Z", assertions: [{ assertion: "unique", field: "a.b", success: true }], metrics: { rowCount: 1 } }) { added } }`,
    );
    const { deleteAsset } = await owner.data<{ deleteAsset: object }>(DELETE, {
      input: { ref: urn, reason: 'misspelt' },
    });
    const releasedUrns = [urn, renamed.renameAsset.asset.urn].toSorted();
    expect(deleteAsset).toEqual({ deletedId: id, releasedUrns });
    for (const ref of [id, ...releasedUrns]) expect(await idOf(ref)).toBeNull();
    const left = 'MATCH (n) WHERE n.id = $id OR n.key STARTS WITH $id OR n.assetId = $id RETURN labels(n) AS labels';
    const rows = await server.graph.read({ requestId: 't', operation: 't' }, left, { id });
    expect(rows.map((row) => row.texts('labels'))).toEqual([['DeletedAsset']]);
    const log = `query ($id: ID!) { audit(filter: { target: $id }, first: 10) {
      nodes { action before after reason integrity { differs } hidden } } }`;
    const { audit } = await owner.data<{ audit: { nodes: { action: string; before: Record<string, unknown> }[] } }>(
      log,
      { id },
    );
    expect(audit.nodes.map(({ action }) => action)).toEqual([
      ...['asset:delete', 'quality:report', 'asset:rename', 'dataset:register'],
    ]);
    expect(audit.nodes[0]).toMatchObject({
      before: {
        name: 'wrong',
        tags: ['t'],
        fields: [
          { name: 'a', type: 'struct' },
          { name: 'a.b', type: 'int' },
        ],
        urns: releasedUrns,
      },
      reason: 'misspelt',
    });
    for (const entry of audit.nodes) expect(entry).toMatchObject({ hidden: false, integrity: { differs: [] } });
    const again = await seed.dataset('mistaken');
    expect(again.urn).toBe(urn);
    expect(again.id).not.toBe(id);
    expect(await refusal(DELETE, { ref: id })).toMatch(/^NOT_FOUND/);
  });

  it('is deleted only by who takes care of it, at the revision they have seen', async () => {
    const { id } = await seed.dataset('cared-for');
    const stranger = await server.user();
    expect(await refusal(DELETE, { ref: id }, stranger)).toMatch(/^FORBIDDEN/);
    expect(await refusal(DELETE, { ref: id, ifRevision: 7 })).toMatch(/^STALE_REVISION/);
    expect(await idOf(id)).toBe(id);
  });
});

describe('An asset stays while there hangs on it', () => {
  const stays = async (name: string, kind: RegExp, hang: (id: string) => Promise<unknown>): Promise<void> => {
    const { id, urn } = await seed.dataset(name, { fields: [{ name: 'a' }] });
    await hang(id);
    const message = await refusal(DELETE, { ref: id });
    expect(message).toMatch(/^CONFLICT: .* cannot be deleted, for there hang on it: /);
    expect(message).toMatch(kind);
    expect(await idOf(urn)).toBe(id);
  };
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();

  it('a version', () => stays('versioned', /1 versions/, (id) => seed.datasetVersion(id)));
  it('a flow', async () => {
    const job = await seed.transformation('flow-job');
    await stays('fed', /1 flows of lineage/, (id) => seed.flow([id, job.id]));
    expect(await refusal(DELETE, { ref: job.id })).toMatch(/flows of lineage/);
  });
  it('a flow that was retracted, which history shows', async () => {
    const job = await seed.transformation('retracted-job');
    await stays('retracted', /lineage/, async (id) => {
      await seed.flow([id, job.id]);
      await owner.data('mutation ($input: RetractLineageInput!) { retractLineage(input: $input) { retracted } }', {
        input: { flows: [{ source: id, target: job.id }] },
      });
    });
  });
  it('a flow of its columns', async () => {
    const [job, target] = [
      await seed.transformation('column-job'),
      await seed.dataset('column-target', { fields: [{ name: 'b' }] }),
    ];
    await stays('columns', /flows of columns/, (source) =>
      owner.data('mutation ($input: ClaimFieldLineageInput!) { claimFieldLineage(input: $input) { stated } }', {
        input: { flows: [{ source, target: target.id, via: job.id, fields: [{ source: 'a', target: 'b' }] }] },
      }),
    );
  });
  it('a grant, also one that was revoked', async () => {
    const other = await server.user();
    await stays('granted', /1 grants/, async (asset) => {
      const input = { asset, grantee: other.userId, actions: ['EDIT'], purpose: 'to try', until: inAnHour };
      const { grantAccess } = await owner.data<{ grantAccess: { grant: { id: string } } }>(
        'mutation ($input: GrantAccessInput!) { grantAccess(input: $input) { grant { id } } }',
        { input },
      );
      await owner.data('mutation ($input: RevokeAccessInput!) { revokeAccess(input: $input) { grant { id } } }', {
        input: { grant: grantAccess.grant.id },
      });
    });
  });
  it('a request for access', async () => {
    const other = await server.user();
    await stays('asked-for', /1 requests for access/, (asset) =>
      other.data('mutation ($input: RequestAccessInput!) { requestAccess(input: $input) { request { id } } }', {
        input: { asset, actions: ['EDIT'], purpose: 'to try', until: inAnHour },
      }),
    );
  });
  it('a run', async () => {
    const { id } = await seed.transformation('ran');
    await seed.run(id, [], []);
    expect(await refusal(DELETE, { ref: id })).toMatch(/1 runs/);
  });
  it('an open session of an auditor, to whom it is there', async () => {
    const admin = await server.user({ role: 'ADMIN' });
    interface Opened {
      openAuditorSession: { session: { id: string } };
    }
    let session = '';
    await stays('audited', /open sessions of auditors/, async () => {
      const open = 'mutation { openAuditorSession(input: { auditor: "A", reason: "R" }) { session { id } } }';
      session = (await admin.data<Opened>(open)).openAuditorSession.session.id;
    });
    const former = await seed.dataset('audited-name');
    await owner.data(RENAME, { input: { ref: former.id, name: 'audited-name-2' } });
    const open = 'mutation { openAuditorSession(input: { auditor: "B", reason: "R" }) { session { id } } }';
    const later = (await admin.data<Opened>(open)).openAuditorSession.session.id;
    expect(await refusal(RELEASE, { urn: former.urn })).toMatch(/^CONFLICT: .* open sessions of auditors/);
    await admin.data('mutation ($id: ID!) { endAuditorSession(input: { session: $id }) { session { id } } }', {
      id: later,
    });
    await owner.data(RELEASE, { input: { urn: former.urn } });
    await admin.data('mutation ($id: ID!) { endAuditorSession(input: { session: $id }) { session { id } } }', {
      id: session,
    });
  });

  it('whatever comes while it is deleted', async () => {
    for (let round = 0; round < 8; round++) {
      const { id } = await seed.dataset(`raced-${round}`);
      const [gone, version] = await Promise.allSettled([
        owner.data(DELETE, { input: { ref: id } }),
        seed.datasetVersion(id, `v${round}`),
      ]);
      expect([gone.status, version.status].toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(await idOf(id)).toBe(version.status === 'fulfilled' ? id : null);
    }
  });
});

describe('An asset that is deleted while others reach for it', () => {
  const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
  const reach: [string, (id: string, job: string) => [string, object]][] = [
    [
      'startRun',
      (id) => ['mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }', { transformation: id }],
    ],
    [
      'claimLineage',
      (id, target) => [
        'mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { edges { source } } }',
        { flows: [{ source: target, target: id }] },
      ],
    ],
    [
      'grantAccess',
      (asset) => [
        'mutation ($input: GrantAccessInput!) { grantAccess(input: $input) { grant { id } } }',
        { asset, grantee: 'OTHER', actions: ['EDIT'], purpose: 'to try', until: inAnHour },
      ],
    ],
    [
      'requestAccess',
      (asset) => [
        'mutation ($input: RequestAccessInput!) { requestAccess(input: $input) { request { id } } }',
        { asset, actions: ['DEPLOY'], purpose: 'to try', until: inAnHour },
      ],
    ],
    [
      'updateAsset',
      (ref) => [
        'mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }',
        { ref, tags: ['x'] },
      ],
    ],
  ];

  it.each(reach)('is there for %s, or is not, and says so', async (name, operation) => {
    const other = await server.user();
    const data = await seed.dataset(`reach-${name}`);
    for (let round = 0; round < 6; round++) {
      const { id } = await seed.transformation(`reach-${name}-${round}`);
      const [text, input] = operation(id, data.id);
      const asked = JSON.parse(JSON.stringify(input).replace('OTHER', other.userId)) as object;
      const [deleted, reached] = await Promise.all([
        owner.ask(DELETE, { input: { ref: id } }),
        owner.ask(text, { input: asked }),
      ]);
      for (const { errors } of [deleted, reached])
        expect(['CONFLICT', 'NOT_FOUND', 'none']).toContain(errors?.[0]?.extensions.code ?? 'none');
      const there = (await idOf(id)) === id;
      expect(there).toBe(deleted.errors !== undefined);
      if (there) expect(reached.errors).toBeUndefined();
    }
  });
});

it('Lists and searches answer while assets are deleted beside them', async () => {
  const namespace = `${server.namespace}-storm`;
  const storm = new Seed(owner, namespace);
  const ids = await Promise.all(Array.from({ length: 40 }, (_, number) => storm.dataset(`storm-${number}`)));
  const filter = { namespaces: [namespace] };
  let going = true;
  const reading = async (): Promise<void> => {
    while (going) {
      const list =
        'query ($filter: AssetFilter) { assets(filter: $filter, last: 50) { nodes { name owners { role } } totalCount } }';
      const search =
        'query ($filter: AssetFilter) { search(query: "storm", filter: $filter, first: 50) { nodes { name } } }';
      await owner.data(list, { filter });
      await owner.data(search, { filter });
    }
  };
  const readers = [reading(), reading()];
  for (const { id } of ids) await owner.data(DELETE, { input: { ref: id } });
  going = false;
  await Promise.all(readers);
  expect(
    await owner.data('query ($filter: AssetFilter) { assets(filter: $filter) { totalCount } }', { filter }),
  ).toEqual({
    assets: { totalCount: 0 },
  });
});

describe('A urn is released', () => {
  it('when it is a former one, and may be taken by others then', async () => {
    const { id, urn } = await seed.dataset('former');
    await owner.data(RENAME, { input: { ref: id, name: 'present' } });
    expect(await idOf(urn)).toBe(id);
    const { releaseUrn } = await owner.data<{ releaseUrn: { asset: object } }>(RELEASE, { input: { urn } });
    expect(releaseUrn.asset).toMatchObject({ id, name: 'present' });
    expect(await idOf(urn)).toBeNull();
    expect(await refusal(RELEASE, { urn })).toMatch(/^NOT_FOUND/);
    const taken = await new Seed(await server.user(), server.namespace).dataset('former');
    expect(taken.urn).toBe(urn);
    expect(await idOf(id)).toBe(id);
  });

  it('when it is that of a retired asset, which keeps what hangs on it', async () => {
    const { id, urn } = await seed.dataset('retired');
    await seed.datasetVersion(id);
    expect(await refusal(RELEASE, { urn })).toMatch(/^CONFLICT: .* is the name of an asset in use/);
    await owner.data(RETIRE, { input: { ref: id } });
    const { releaseUrn } = await owner.data<{ releaseUrn: { asset: { name: string; urn: string } } }>(RELEASE, {
      input: { urn },
    });
    expect(releaseUrn.asset.name).toBe(`retired~${id.slice(-12)}`);
    const next = await seed.dataset('retired');
    expect(next.urn).toBe(urn);
    expect(await idOf(urn)).toBe(next.id);
    expect(await idOf(releaseUrn.asset.urn)).toBe(id);
    await owner.data(RETIRE, { input: { ref: id, retired: false } });
    const then = 'query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { versions { totalCount } } } }';
    expect(await owner.data(then, { ref: id })).toEqual({ asset: { versions: { totalCount: 1 } } });
  });

  it('by who takes care of the asset alone, and a hidden one is as none', async () => {
    const { id, urn } = await seed.dataset('kept-name');
    await owner.data(RENAME, { input: { ref: id, name: 'kept-name-2' } });
    const stranger = await server.user();
    expect(await refusal(RELEASE, { urn }, stranger)).toMatch(/^FORBIDDEN/);
    const hidden = await seed.dataset('hidden-name', { visibility: 'RESTRICTED' });
    const missing = hidden.urn.replace('hidden-name', 'hiddem-name');
    expect((await refusal(RELEASE, { urn: hidden.urn }, stranger)).replaceAll('hidden-name', 'hiddem-name')).toBe(
      await refusal(RELEASE, { urn: missing }, stranger),
    );
  });
});
