/** Two names of one table: owners of both join them, all is seen as one, and undoing it gives back what was. */
import type { Driver } from 'neo4j-driver';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDriver } from '../../src/neo4j/graph.js';
import { type AliasWorld, aliasWorld } from '../support/aliases.js';
import type { Client } from '../support/client.js';
import { datasetOf, reportTo, runEvent } from '../support/openlineage-events.js';
import { type OwnGraph, ownGraph } from '../support/own-graph.js';
import { reportedGraph } from '../support/reported-graph.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const OWNERS = 'query ($ref: AssetRef!) { asset(ref: $ref) { id owners { owner { ... on User { id } } } } }';
const PROPOSE = 'mutation ($input: ProposeAliasInput!) { proposeAlias(input: $input) { aliasProposal { id state } } }';

let database: OwnGraph;
let server: TestWeftline;
let driver: Driver;
let owner: Client;
let stranger: Client;
let admin: Client;
let world: AliasWorld;

// A session of an auditor that another file opens would keep apart what is to be joined here: a graph of our own.
beforeAll(async () => {
  database = await ownGraph();
  driver = openDriver(database);
  server = await startTestWeftline({ database });
  [owner, stranger, admin] = await Promise.all([server.user(), server.user(), server.user({ role: 'ADMIN' })]);
  world = aliasWorld(server, owner, admin);
});

afterAll(async () => {
  await driver.close();
  await server.stop();
  await database.giveBack();
});

describe('Two data sets of one owner', () => {
  it('are seen as one once they are joined, and as before once that is undone', async () => {
    const { airflow, expectations, portrait, events } = await world.table('shop');
    const before = await portrait();
    const proposal = await world.join(airflow, expectations);
    const joined = await portrait();
    expect(joined.byOther).toEqual(joined.byKept);
    expect(joined.kept).toMatchObject({ id: airflow });
    expect(joined.kept['fields']).toEqual(['id', 'amount', 'checked']);
    expect(joined.kept['versions']).toHaveLength(2);
    expect(joined.upstream).toEqual([expect.stringContaining('load'), expect.stringContaining('validate')]);
    expect(joined.columns).toEqual([expect.stringContaining('raw.id')]);
    expect(await world.upstreamOf(airflow, 'checked')).toEqual([expect.stringContaining('raw.id')]);
    expect(joined.found).toEqual([airflow]);
    await world.undo(proposal);
    expect(await portrait()).toEqual(before);
    expect(events).toBeGreaterThan(0);
  });
});

describe('Events in between', () => {
  it('are found under the name they told of, once it is undone', async () => {
    const run = async (prefix: string, isJoined: boolean) => {
      const [one, other] = [datasetOf(prefix, 'orders', ['id', 'a']), datasetOf(prefix, 'public.orders', ['id', 'b'])];
      const report = (...events: object[]) => reportTo(server.address, owner, events);
      const at = (hour: number) => `2026-11-02T0${hour}:00:00Z`;
      const id = (number: number) => `0191a000-0000-7000-8000-00000000000${number}`;
      await report(
        runEvent({ namespace: prefix, job: 'load', runId: id(1), at: at(1), outputs: [one] }),
        runEvent({ namespace: prefix, job: 'check', runId: id(2), at: at(2), outputs: [other] }),
      );
      const proposal = isJoined ? await world.joinNamed(prefix, 'orders', 'public.orders') : null;
      await report(
        runEvent({
          namespace: prefix,
          job: 'load',
          runId: id(3),
          at: at(3),
          outputs: [datasetOf(prefix, 'orders', ['id', 'b', 'c'])],
        }),
        runEvent({
          namespace: prefix,
          job: 'check',
          runId: id(4),
          at: at(4),
          outputs: [datasetOf(prefix, 'public.orders', ['id', 'd'])],
        }),
        runEvent({
          namespace: prefix,
          job: 'read',
          runId: id(5),
          at: at(5),
          inputs: [datasetOf(prefix, 'public.orders')],
        }),
      );
      if (proposal) await world.undo(proposal);
      return reportedGraph(driver, prefix);
    };
    const parted = await run(`${server.namespace}-parted:`, true);
    expect(parted).toEqual(await run(`${server.namespace}-never:`, false));
  });

  /** A column that the other one had once comes to the kept one as its own, while they are one. */
  const NAMED_AGAIN = [
    { hour: 1, inputs: [['public.orders', 'b']], outputs: [['orders', 'b']] },
    { hour: 0, inputs: [['public.orders', 'c']], outputs: [] },
    { hour: 1, inputs: [], outputs: [['orders', 'c']] },
  ].map(({ hour, inputs, outputs }) => {
    const sides = (each: string[][]) =>
      each.map(([name = '', column = '']) => ({ name, columns: [column], named: false }));
    return { job: 'j0', run: 0, hour, type: 'START', lineage: false, inputs: sides(inputs), outputs: sides(outputs) };
  });

  it('make the graph that there would be had nothing been joined, whichever they are', async () => {
    const columns = fc.subarray(['id', 'a', 'b', 'c'], { minLength: 1 });
    const side = fc.record({ name: fc.constantFrom('orders', 'public.orders', 'other'), columns, named: fc.boolean() });
    const event = fc.record({
      job: fc.constantFrom('j0', 'j1'),
      run: fc.integer({ min: 0, max: 3 }),
      hour: fc.integer({ min: 0, max: 9 }),
      type: fc.constantFrom('START', 'COMPLETE', 'FAIL'),
      inputs: fc.array(side, { maxLength: 2 }),
      outputs: fc.array(side, { maxLength: 2 }),
      lineage: fc.boolean(),
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 3, maxLength: 8 }), fc.nat(), fc.nat(), async (given, x, y) => {
        round += 1;
        const [from, to] = [x % given.length, y % given.length].sort((a, b) => a - b) as [number, number];
        const play = async (prefix: string, isJoined: boolean) => {
          // Of two events of one time the digest decides, which is not the same in two namespaces.
          let minute = 9;
          const make = (each: (typeof given)[number]) => {
            minute += 1;
            const dataset = (of: (typeof each.inputs)[number]) =>
              datasetOf(
                prefix,
                of.name,
                of.columns,
                of.named ? { version: world.facet({ datasetVersion: `v${each.run}` }) } : {},
              );
            const outputs = each.outputs.map((of) => {
              const made = dataset(of);
              const source = each.inputs[0];
              if (!each.lineage || !source) return made;
              const field = { namespace: prefix, name: source.name, field: source.columns[0] };
              const fields = Object.fromEntries(of.columns.map((column) => [column, { inputFields: [field] }]));
              return { ...made, facets: { ...made.facets, columnLineage: world.facet({ fields }) } };
            });
            return runEvent({
              ...{ namespace: prefix, job: each.job, type: each.type, at: `2026-11-03T0${each.hour}:${minute}:00Z` },
              runId: `0191a000-0000-7000-8000-0000000000${each.job === 'j0' ? '0' : '1'}${each.run}`,
              ...{ inputs: each.inputs.map(dataset), outputs },
            });
          };
          const report = async (some: typeof given) =>
            expect(await reportTo(server.address, owner, some.map(make))).toEqual([]);
          // Both are there before they are joined.
          const first = {
            ...(given[0] ?? ({} as (typeof given)[number])),
            inputs: [],
            lineage: false,
            type: 'COMPLETE',
            run: 9,
            hour: 0,
          } as (typeof given)[number];
          await report([
            {
              ...first,
              outputs: ['orders', 'public.orders'].map((name) => ({ name, columns: ['id'], named: false })) as never,
            },
          ]);
          await report(given.slice(0, from));
          const proposal = isJoined ? await world.joinNamed(prefix, 'orders', 'public.orders') : null;
          for (const each of given.slice(from, to + 1)) await report([each]);
          if (proposal) await world.undo(proposal);
          await report(given.slice(to + 1));
          return reportedGraph(driver, prefix);
        };
        const parted = await play(`${server.namespace}-p${round}:`, true);
        expect(parted).toEqual(await play(`${server.namespace}-n${round}:`, false));
      }),
      { numRuns: 15, endOnFailure: true, examples: [[NAMED_AGAIN, 0, 2]] },
    );
  }, 900_000);
});

describe('Whoever is not asked', () => {
  it('cannot tell a proposal from none', async () => {
    const { airflow, expectations } = await world.table('asked');
    const proposal = await world.propose(airflow, expectations);
    const decide = `mutation ($input: DecideAliasInput!) { decideAlias(input: $input) { aliasProposal { state } } }`;
    const there = await stranger.error(decide, { input: { proposal, accept: true } });
    const missing = await stranger.error(decide, { input: { proposal: proposal.replace(/.$/, 'x'), accept: true } });
    expect(there.extensions.code).toBe('NOT_FOUND');
    expect(there.message.replace(proposal, '')).toBe(missing.message.replace(proposal.replace(/.$/, 'x'), ''));
  });
});

describe('Owners of both', () => {
  it('have to agree, and whoever proposes agrees for what they own', async () => {
    const { airflow, expectations } = await world.table('two');
    const other = await server.user();
    await world.give(expectations, other);
    const proposal = await world.propose(airflow, expectations);
    expect(await world.decide(owner, proposal)).toBe('PROPOSED');
    expect(await world.decide(other, proposal)).toBe('ACCEPTED');
    expect(await world.decide(other, proposal)).toBe('ACCEPTED');
    // The other is the one that stays, as nobody said otherwise, and both own it.
    const { asset } = await owner.data<{ asset: { id: string; owners: { owner: { id: string } }[] } }>(OWNERS, {
      ref: airflow,
    });
    expect(asset.id).toBe(expectations);
    expect(asset.owners.map((each) => each.owner.id).sort()).toEqual([owner.userId, other.userId].sort());
    expect(await world.actionsOf(asset.id)).toEqual(
      expect.arrayContaining(['alias:propose', 'alias:decide', 'alias:join']),
    );
    await world.undo(proposal);
    const { asset: alone } = await owner.data<{ asset: { owners: { owner: { id: string } }[] } }>(OWNERS, {
      ref: expectations,
    });
    expect(alone.owners.map((each) => each.owner.id)).toEqual([other.userId]);
  });

  it('may decline, and whoever proposed may take it back; a second proposal of the same is the first', async () => {
    const { airflow, expectations } = await world.table('declined');
    const other = await server.user();
    await world.give(expectations, other);
    const [one, two] = await Promise.all([world.propose(airflow, expectations), world.propose(expectations, airflow)]);
    expect(one).toBe(two);
    expect(await world.decide(other, one, { accept: false })).toBe('DECLINED');
    expect(await world.refusal(owner, one)).toMatch(/^CONFLICT.*DECLINED/);
    const again = await world.propose(airflow, expectations);
    expect(await world.decide(owner, again, { accept: false })).toBe('WITHDRAWN');
  });

  it('decide once, though both do at the same moment', async () => {
    const { airflow, expectations } = await world.table('race');
    const proposal = await world.propose(airflow, expectations);
    expect(await Promise.all([world.decide(owner, proposal), world.decide(admin, proposal)])).toEqual([
      'ACCEPTED',
      'ACCEPTED',
    ]);
    expect(await world.stateOf(proposal)).toBe('ACCEPTED');
    await Promise.all([world.undo(proposal), world.undo(proposal)]);
    expect(await world.stateOf(proposal)).toBe('UNDONE');
    expect(await world.refusal(owner, proposal)).toMatch(/^CONFLICT.*UNDONE/);
  });
});

describe('What cannot be joined', () => {
  it('says why', async () => {
    const { airflow, expectations } = await world.table('refused');
    const model = await world.seed.model('alias-model');
    const deny = async (asset: string, sameAs: string, by = owner): Promise<string> => {
      const { message, extensions } = await by.error(PROPOSE, { input: { asset, sameAs } });
      return `${extensions.code} ${message}`;
    };
    expect(await deny(airflow, airflow)).toMatch(/^BAD_USER_INPUT.*known apart/);
    expect(await deny(airflow, model.id)).toMatch(/^BAD_USER_INPUT.*is a MODEL/);
    expect(await deny(airflow, 'nothing')).toMatch(/^NOT_FOUND/);
    expect(await deny(airflow, expectations, stranger)).toMatch(/^FORBIDDEN/);
    const third = await world.seed.dataset('alias-third');
    await owner.data('mutation ($input: RetireAssetInput!) { retireAsset(input: $input) { asset { id } } }', {
      input: { ref: third.id, retired: true },
    });
    expect(await deny(airflow, third.id)).toMatch(/^CONFLICT.*retired/);
    const long = await owner.error(PROPOSE, {
      input: { asset: airflow, sameAs: expectations, reason: 'x'.repeat(2_001) },
    });
    expect(long.extensions.code).toBe('BAD_USER_INPUT');
  });

  it('is what is joined already, and what others were joined into, unless it stays', async () => {
    const [{ airflow, expectations }, more] = [await world.table('chain'), await world.table('chained')];
    const first = await world.join(airflow, expectations);
    const same = await owner.error(PROPOSE, { input: { asset: airflow, sameAs: expectations } });
    expect(same.message).toContain('known apart');
    const second = await world.propose(airflow, more.airflow);
    expect(await world.refusal(owner, second)).toMatch(/^CONFLICT.*joined into/);
    expect(await world.refusal(owner, second, { keep: more.expectations })).toMatch(/^BAD_USER_INPUT.*must be/);
    expect(await world.decide(owner, second, { keep: airflow })).toBe('ACCEPTED');
    await world.undo(first);
    const { asset } = await owner.data<{ asset: { id: string } }>(OWNERS, { ref: more.airflow });
    expect(asset.id).toBe(airflow);
    await world.undo(second);
  });

  it('is what an open session of an auditor sees, and it is not parted then either', async () => {
    const [{ airflow, expectations }, more] = [await world.table('audited'), await world.table('audited_later')];
    const joined = await world.join(airflow, expectations);
    const proposal = await world.propose(more.airflow, more.expectations);
    const opened = await admin.data<{ openAuditorSession: { session: { id: string } } }>(
      'mutation { openAuditorSession(input: { auditor: "A", reason: "R" }) { session { id } } }',
    );
    expect(await world.refusal(owner, proposal)).toMatch(/^CONFLICT.*Open sessions of auditors/);
    const undo = 'mutation ($input: UndoAliasInput!) { undoAlias(input: $input) { aliasProposal { id } } }';
    const refused = await owner.error(undo, { input: { proposal: joined } });
    expect(refused.message).toContain('Open sessions of auditors');
    await admin.data('mutation ($id: ID!) { endAuditorSession(input: { session: $id }) { session { id } } }', {
      id: opened.openAuditorSession.session.id,
    });
    expect(await world.decide(owner, proposal)).toBe('ACCEPTED');
    await world.undo(joined);
  });

  it('is what a training job reads that has not ended', async () => {
    const { airflow, expectations } = await world.table('trained');
    const proposal = await world.propose(airflow, expectations);
    await driver.executeQuery(
      `MATCH (v:Version)-[:VERSION_OF]->(:Asset {id: $id}) WITH v LIMIT 1
       CREATE (v)-[:USED_BY]->(:Run {test: $id})<-[:EXECUTES]-(:TrainingJob {test: $id})`,
      { id: expectations },
    );
    expect(await world.refusal(owner, proposal)).toMatch(/^CONFLICT.*training job/);
    await driver.executeQuery('MATCH (j:TrainingJob {test: $id}) MATCH (r:Run {test: $id}) DETACH DELETE j, r', {
      id: expectations,
    });
    expect(await world.decide(owner, proposal)).toBe('ACCEPTED');
  });
});

describe('While two are joined', () => {
  it('the stricter visibility holds, grants of both count, and who owns it stands still', async () => {
    const { airflow, expectations } = await world.table('strict');
    await owner.data('mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }', {
      input: { ref: expectations, visibility: 'RESTRICTED' },
    });
    const [granted, later] = await Promise.all([server.user(), server.user()]);
    await world.grant(expectations, granted);
    const before = await Promise.all(
      [granted, later, stranger].map((each) => world.sees(each, [airflow, expectations])),
    );
    expect(before).toEqual([
      [true, true],
      [true, false],
      [true, false],
    ]);
    const proposal = await world.join(airflow, expectations);
    expect(await world.sees(stranger, [airflow, expectations])).toEqual([false, false]);
    expect(await world.sees(granted, [airflow, expectations])).toEqual([true, true]);
    await world.grant(airflow, later);
    expect(await world.sees(later, [airflow, expectations])).toEqual([true, true]);
    const frozen = async (query: string, input: object) => (await owner.error(query, { input })).extensions.code;
    expect(
      await Promise.all([
        frozen('mutation ($input: SetOwnersInput!) { setOwners(input: $input) { asset { id } } }', {
          ref: airflow,
          owners: [
            { owner: owner.userId, role: 'OWNER' },
            { owner: stranger.userId, role: 'STEWARD' },
          ],
        }),
        frozen('mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { id } } }', {
          ref: airflow,
          name: 'x',
        }),
        frozen('mutation ($input: RetireAssetInput!) { retireAsset(input: $input) { asset { id } } }', {
          ref: airflow,
          retired: true,
        }),
        frozen('mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }', {
          ref: airflow,
          visibility: 'DISCOVERABLE',
        }),
        frozen('mutation ($input: ChangeAssetInput!) { deleteAsset(input: $input) { deletedId } }', { ref: airflow }),
      ]),
    ).toEqual(Array.from({ length: 5 }, () => 'CONFLICT'));
    await world.undo(proposal);
    expect(
      await Promise.all([granted, later, stranger].map((each) => world.sees(each, [airflow, expectations]))),
    ).toEqual(before);
  });

  it('what is stated by hand of one name goes with that name', async () => {
    const { airflow, expectations } = await world.table('hand');
    const job = await world.seed.transformation('alias-hand');
    const proposal = await world.join(airflow, expectations);
    const state = (source: string) =>
      owner.data('mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { edges { source target } } }', {
        input: { claimSource: 'manual', flows: [{ source, target: job.id }] },
      });
    await state(expectations);
    expect(await world.downstreamOf(airflow)).toEqual([job.urn]);
    await world.undo(proposal);
    expect([await world.downstreamOf(airflow), await world.downstreamOf(expectations)]).toEqual([[], [job.urn]]);
  });
});
