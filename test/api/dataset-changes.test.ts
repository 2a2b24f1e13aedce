/** What producers say became of data sets: created, overwritten, renamed, dropped. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { grant } from '../support/access.js';
import type { Client } from '../support/client.js';
import { datasetOf, facetOf, type Refused, reportTo, runEvent } from '../support/openlineage-events.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const CHANGES = `query ($n: [String!]) { assets(filter: { namespaces: $n }, first: 50) { nodes { id name ... on Dataset {
  droppedAt retiredAt renamedTo { name }
  changes { totalCount nodes { change saidAt run { externalId } renamedFrom { name } reportedBy { ... on User { id } } } }
  versions { nodes { version changes { change } } } } } } }`;

let server: TestWeftline;
let source: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  source = await server.user();
});

afterAll(() => server.stop());

const report = (by: Client, ...events: object[]): Promise<Refused[]> => reportTo(server.address, by, events);
const place = (name: string): string => `${server.namespace}-${name}`;
const at = (hour: string): string => `2026-11-01T${hour}:00:00Z`;

interface Dataset {
  id: string;
  name: string;
  droppedAt: string | null;
  retiredAt: string | null;
  renamedTo: { name: string }[];
  changes: { totalCount: number; nodes: { change: string; saidAt: string; renamedFrom: { name: string } | null }[] };
  versions: { nodes: { version: string; changes: { change: string }[] }[] };
}

async function shown(by: Client, namespace: string, name: string): Promise<Dataset> {
  const { assets } = await by.data<{ assets: { nodes: Dataset[] } }>(CHANGES, { n: [namespace] });
  const found = assets.nodes.find((each) => each.name === name);
  if (!found) throw new Error(`There is no ${name} in ${namespace}.`);
  return found;
}

interface Change {
  namespace: string;
  change?: string;
  hour: string;
  runId?: string;
  type?: string;
  name?: string;
  previous?: string;
}

function changeOf({ namespace, change, hour, runId, type, name = 'orders', previous }: Change): object {
  const identifier = previous === undefined ? {} : { previousIdentifier: { namespace, name: previous } };
  const facets =
    change === undefined ? {} : { lifecycleStateChange: facetOf({ lifecycleStateChange: change, ...identifier }) };
  return runEvent({
    ...{ namespace, job: 'load', at: at(hour), outputs: [datasetOf(namespace, name, ['id'], facets)] },
    ...(runId === undefined ? {} : { runId }),
    ...(type === undefined ? {} : { type }),
  });
}

const orders = (events: readonly number[]): number[][] => [
  [...events],
  [...events].reverse(),
  [...events.slice(2), ...events.slice(0, 2), ...events],
];

describe('What became of a data set', () => {
  it('is its history by the time of the events, each change of a run once, in whatever order they come and how often', async () => {
    const [made, dropped] = [randomUUID(), randomUUID()];
    const histories: unknown[] = [];
    for (const [number, order] of orders([0, 1, 2, 3]).entries()) {
      const namespace = place(`history-${number}`);
      const events = [
        changeOf({ namespace, change: 'CREATE', hour: '01', runId: made, type: 'START' }),
        changeOf({ namespace, change: 'CREATE', hour: '02', runId: made }),
        changeOf({ namespace, change: 'DROP', hour: '03', runId: dropped, type: 'START' }),
        changeOf({ namespace, change: 'DROP', hour: '04', runId: dropped }),
      ];
      for (const each of order) expect(await report(source, events[each] ?? {})).toEqual([]);
      const { id: _id, ...rest } = await shown(source, namespace, 'orders');
      histories.push(rest);
    }
    expect(histories[0]).toMatchObject({
      droppedAt: '2026-11-01T04:00:00.000Z',
      retiredAt: null,
      changes: {
        totalCount: 2,
        nodes: [
          { change: 'DROP', saidAt: '2026-11-01T04:00:00.000Z', run: { externalId: dropped } },
          { change: 'CREATE', saidAt: '2026-11-01T02:00:00.000Z', run: { externalId: made } },
        ],
      },
      // What was dropped has no version.
      versions: { nodes: [{ version: made, changes: [{ change: 'CREATE' }] }] },
    });
    expect(histories[1]).toEqual(histories[0]);
    expect(histories[2]).toEqual(histories[0]);
  });

  it('is as of the last event of several that come together', async () => {
    for (const [number, hours] of [
      ['05', '06'],
      ['06', '05'],
    ].entries()) {
      const namespace = place(`together-${number}`);
      const runId = randomUUID();
      await report(source, ...hours.map((hour) => changeOf({ namespace, change: 'OVERWRITE', hour, runId })));
      expect((await shown(source, namespace, 'orders')).changes).toMatchObject({
        totalCount: 1,
        nodes: [{ saidAt: '2026-11-01T06:00:00.000Z' }],
      });
    }
  });

  it('is that it is dropped until something is written again, by the times of both and not by when they come', async () => {
    const namespace = place('back');
    await report(source, changeOf({ namespace, hour: '06' }));
    await report(source, changeOf({ namespace, change: 'DROP', hour: '05' }));
    expect((await shown(source, namespace, 'orders')).droppedAt).toBeNull();
    await report(source, changeOf({ namespace, change: 'DROP', hour: '07' }));
    expect((await shown(source, namespace, 'orders')).droppedAt).toBe('2026-11-01T07:00:00.000Z');
    await report(source, changeOf({ namespace, change: 'OVERWRITE', hour: '08' }));
    expect((await shown(source, namespace, 'orders')).droppedAt).toBeNull();
  });

  it('is no drop while a run has only begun to, and none when it failed', async () => {
    const namespace = place('tried');
    const runId = randomUUID();
    await report(source, changeOf({ namespace, change: 'DROP', hour: '05', runId, type: 'START' }));
    expect(await shown(source, namespace, 'orders')).toMatchObject({ droppedAt: null, changes: { totalCount: 1 } });
    await report(source, changeOf({ namespace, change: 'DROP', hour: '06', runId }));
    expect((await shown(source, namespace, 'orders')).droppedAt).toBe('2026-11-01T06:00:00.000Z');
    await report(source, changeOf({ namespace, change: 'DROP', hour: '06', runId, type: 'FAIL' }));
    expect((await shown(source, namespace, 'orders')).droppedAt).toBeNull();
  });

  it('is noted on the version that the run made', async () => {
    const namespace = place('notes');
    const [all, empty] = [randomUUID(), randomUUID()];
    await report(source, changeOf({ namespace, change: 'OVERWRITE', hour: '05', runId: all, type: 'START' }));
    await report(source, changeOf({ namespace, hour: '06', runId: all }));
    await report(source, changeOf({ namespace, change: 'TRUNCATE', hour: '07', runId: empty }));
    const { versions } = await shown(source, namespace, 'orders');
    expect(new Map(versions.nodes.map(({ version, changes }) => [version, changes]))).toEqual(
      new Map([
        [all, [{ change: 'OVERWRITE' }]],
        [empty, [{ change: 'TRUNCATE' }]],
      ]),
    );
  });

  it('comes from an event of the data set alone as well', async () => {
    const namespace = place('alone');
    const { job: _job, run: _run, inputs: _inputs, outputs: _outputs, ...rest } = runEvent({ namespace, job: 'x' });
    const facets = { lifecycleStateChange: facetOf({ lifecycleStateChange: 'DROP' }) };
    const event = { ...rest, eventType: undefined, dataset: datasetOf(namespace, 'orders', undefined, facets) };
    expect(await report(source, event, event)).toEqual([]);
    expect(await shown(source, namespace, 'orders')).toMatchObject({
      droppedAt: '2026-11-01T03:00:00.000Z',
      changes: { totalCount: 1, nodes: [{ change: 'DROP', run: null }] },
    });
  });
});

describe('A data set that was renamed', () => {
  it('leads to what it was and what it became', async () => {
    const namespace = place('renamed');
    await report(source, changeOf({ namespace, hour: '04', name: 'old' }));
    await report(source, changeOf({ namespace, change: 'RENAME', hour: '05', name: 'new', previous: 'old' }));
    const renamed = await shown(source, namespace, 'new');
    expect(renamed.changes.nodes).toMatchObject([{ change: 'RENAME', renamedFrom: { name: 'old' } }]);
    expect(await shown(source, namespace, 'old')).toMatchObject({ renamedTo: [{ name: 'new' }], droppedAt: null });
  });

  it('tells of the other name only to who sees both', async () => {
    const [namespace, hidden] = [place('half'), place('half-hidden')];
    const [owner, reader] = await Promise.all([server.user(), server.user()]);
    await new Seed(owner, hidden).dataset('old', { visibility: 'RESTRICTED' });
    const { id: secret } = await new Seed(owner, hidden).dataset('secret', { visibility: 'RESTRICTED' });
    await grant(owner, secret, source.userId, ['EDIT']);
    const renaming = (name: string, from: string, of: string) =>
      runEvent({
        ...{ namespace, job: 'load', at: at('05') },
        outputs: [
          datasetOf(of, name, ['id'], {
            lifecycleStateChange: facetOf({
              lifecycleStateChange: 'RENAME',
              previousIdentifier: { namespace: of === hidden ? namespace : hidden, name: from },
            }),
          }),
        ],
      });
    await report(source, changeOf({ namespace, hour: '04', name: 'open' }));
    expect(await report(source, renaming('new', 'old', namespace), renaming('lost', 'nowhere', namespace))).toEqual([]);
    expect(await report(source, renaming('secret', 'open', hidden))).toEqual([]);
    expect((await shown(owner, namespace, 'new')).changes.nodes).toMatchObject([{ renamedFrom: { name: 'old' } }]);
    expect((await shown(owner, namespace, 'open')).renamedTo).toEqual([{ name: 'secret' }]);
    // As one that is missing.
    const [toReader, lost] = [await shown(reader, namespace, 'new'), await shown(reader, namespace, 'lost')];
    expect(toReader.changes.nodes).toMatchObject([{ renamedFrom: null }]);
    expect(lost.changes.nodes).toMatchObject([{ renamedFrom: null }]);
    expect((await shown(reader, namespace, 'open')).renamedTo).toEqual([]);
  });
});
