/** What a symlink of an event says: a name of a data set from then on, or a proposal where the name is taken. */
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDriver } from '../../src/neo4j/graph.js';
import { type AliasWorld, aliasWorld } from '../support/aliases.js';
import type { Client } from '../support/client.js';
import { datasetOf, reportTo, runEvent } from '../support/openlineage-events.js';
import { type OwnGraph, ownGraph } from '../support/own-graph.js';
import { reportedGraph } from '../support/reported-graph.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const OWNERS = 'query ($ref: AssetRef!) { asset(ref: $ref) { id owners { owner { ... on User { id } } } } }';

let database: OwnGraph;
let server: TestWeftline;
let driver: Driver;
let owner: Client;
let admin: Client;
let world: AliasWorld;

// A session of an auditor that another file opens would keep apart what is to be joined here: a graph of our own.
beforeAll(async () => {
  database = await ownGraph();
  driver = openDriver(database);
  server = await startTestWeftline({ database });
  [owner, admin] = await Promise.all([server.user(), server.user({ role: 'ADMIN' })]);
  world = aliasWorld(server, owner, admin);
});

afterAll(async () => {
  await driver.close();
  await server.stop();
  await database.giveBack();
});

describe('A symlink', () => {
  const report = (...events: object[]) => reportTo(server.address, owner, events);
  const said = (identifiers: object[]) => ({ symlinks: world.facet({ identifiers }) });

  it('is a name of the data set from then on, by which events and searches find it', async () => {
    const [path, table] = [`${server.namespace}-path`, `${server.namespace}-hive`];
    const name = `lake.${server.namespace.replaceAll(/\W/g, '')}`;
    const told = said([{ namespace: table, name, type: 'TABLE' }]);
    expect(
      await report(
        runEvent({ namespace: path, job: 'write', outputs: [datasetOf(path, '/lake/orders', ['id'], told)] }),
      ),
    ).toEqual([]);
    expect(
      await report(runEvent({ namespace: path, job: 'read', inputs: [datasetOf(table, name, ['id', 'more'])] })),
    ).toEqual([]);
    const id = await world.idOf(path, '/lake/orders');
    const { asset } = await owner.data<{ asset: { id: string; aliases: { urn: string; source: string }[] } }>(
      'query ($ref: AssetRef!) { asset(ref: $ref) { id aliases { urn source } } }',
      { ref: `urn:weft:dataset:${table}:${name}` },
    );
    expect(asset).toEqual({ id, aliases: [{ urn: `urn:weft:dataset:${table}:${name}`, source: 'SYMLINK' }] });
    expect(await world.downstreamOf(id)).toEqual([expect.stringContaining('read')]);
    expect(await world.found(name)).toEqual([id]);
  });

  it('of a name that a data set has already becomes a proposal, once; so does a place', async () => {
    const space = `${server.namespace}-places`;
    await report(
      runEvent({ namespace: space, job: 'other', outputs: [datasetOf(space, 'known'), datasetOf(space, '/place')] }),
    );
    const told = said([
      { namespace: space, name: 'known', type: 'TABLE' },
      { namespace: space, name: '/place', type: 'LOCATION' },
      { namespace: space, name: '/nowhere', type: 'LOCATION' },
    ]);
    const again = (at: string) =>
      runEvent({ namespace: space, job: 'write', at, outputs: [datasetOf(space, 'orders', ['id'], told)] });
    await report(again('2026-11-02T01:00:00Z'));
    const open = async () => {
      const { aliasProposals } = await owner.data<{
        aliasProposals: { totalCount: number; nodes: { id: string; sameAsUrn: string }[] };
      }>(
        'query ($ref: AssetRef) { aliasProposals(asset: $ref, states: [PROPOSED], first: 10) { totalCount nodes { id sameAsUrn } } }',
        { ref: await world.idOf(space, 'orders') },
      );
      return aliasProposals;
    };
    const { totalCount, nodes } = await open();
    expect(totalCount).toBe(2);
    expect(nodes.map(({ sameAsUrn }) => sameAsUrn).sort()).toEqual([
      expect.stringContaining('%2Fplace'),
      expect.stringContaining('known'),
    ]);
    for (const { id } of nodes) expect(await world.decide(admin, id, { accept: false })).toBe('DECLINED');
    await report(again('2026-11-02T02:00:00Z'));
    expect((await open()).totalCount).toBe(0);
  });

  it('takes no name in a namespace where its reporter may not register', async () => {
    const [path, closed] = [`${server.namespace}-mine`, `${server.namespace}-closed`];
    await world.close(closed);
    const told = said([{ namespace: closed, name: 'theirs', type: 'TABLE' }]);
    expect(
      await report(runEvent({ namespace: path, job: 'write', outputs: [datasetOf(path, 'orders', ['id'], told)] })),
    ).toEqual([]);
    const { asset } = await admin.data<{ asset: unknown }>(OWNERS, { ref: `urn:weft:dataset:${closed}:theirs` });
    expect(asset).toBeNull();
  });

  it('gives the same graph in one batch, in whatever order', async () => {
    const play = async (space: string, isReversed: boolean) => {
      const told = said([{ namespace: space, name: 'named', type: 'TABLE' }]);
      const events = [
        runEvent({
          namespace: space,
          job: 'w',
          runId: '0191a000-0000-7000-8000-000000000001',
          at: '2026-11-02T01:00:00Z',
          outputs: [datasetOf(space, 'path', ['id'], told)],
        }),
        runEvent({
          namespace: space,
          job: 'r',
          runId: '0191a000-0000-7000-8000-000000000002',
          at: '2026-11-02T02:00:00Z',
          inputs: [datasetOf(space, 'named', ['id', 'b'])],
        }),
      ];
      expect(await report(...(isReversed ? events.reverse() : events))).toEqual([]);
      return reportedGraph(driver, space);
    };
    const forward = await play(`${server.namespace}-forward`, false);
    expect(forward).toEqual(await play(`${server.namespace}-reverse`, true));
    expect((forward as { assets: unknown[] }).assets).toHaveLength(3);
  });
});
