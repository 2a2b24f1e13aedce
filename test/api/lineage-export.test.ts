import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { USUAL_PACE } from '../../src/openlineage/outbox/outbox.js';
import type { Client } from '../support/client.js';
import { faultsOfEvents } from '../support/event-receiver.js';
import { askedOf, buildLineageWorld, columnsInto, flowsInto, type LineageWorld } from '../support/lineage-world.js';
import { placedIn, reportTo } from '../support/openlineage-events.js';
import { type OwnGraph, ownGraph } from '../support/own-graph.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let neo4j: OwnGraph;
/** Another Weftline with a graph of its own, in which there is nothing. */
let elsewhere: TestWeftline;
let reader: Client;
/** As who events come in there: what was told of before is told of again by the same. */
let producer: Client;
let server: TestWeftline;
let world: LineageWorld;

beforeAll(async () => {
  neo4j = await ownGraph();
  elsewhere = await startTestWeftline({ database: neo4j });
  reader = await elsewhere.user({ role: 'ADMIN' });
  producer = await elsewhere.user();
  const url = `${elsewhere.address}/api/v1/lineage`;
  server = await startTestWeftline({
    runner: true,
    telling: {
      destinations: [{ name: `elsewhere-${Date.now().toString(36)}`, url, token: { value: producer.token ?? '' } }],
      pace: { ...USUAL_PACE, everyMs: 100, firstWaitMs: 100 },
    },
  });
  world = await buildLineageWorld(server);
}, 240_000);

afterAll(async () => {
  await server.stop();
  await elsewhere.stop();
  await neo4j.giveBack();
});

const exportOf = (as: Client, query: string): Promise<Response> =>
  fetch(`${as.address}/api/v1/export/openlineage?${query}`, {
    headers: as.token === null ? {} : { authorization: `Bearer ${as.token}` },
  });

const linesOf = async (response: Response): Promise<Record<string, unknown>[]> =>
  (await response.text())
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const CHANGE = `mutation ($rename: RenameAssetInput!, $update: UpdateAssetInput!) {
  updateAsset(input: $update) { asset { id } } renameAsset(input: $rename) { asset { id } } }`;

describe('what is told to another Weftline', () => {
  it('makes the same runs, versions, releases and quality there', async () => {
    const { owner, trainer, model, deployment, clean } = world;
    const told = await askedOf(owner, [trainer.urn, deployment.urn]);
    await vi.waitFor(async () => expect(await askedOf(reader, [trainer.urn, deployment.urn])).toEqual(told), {
      ...{ timeout: 60_000, interval: 500 },
    });
    expect(await askedOf(reader, [model.urn])).toEqual(await askedOf(owner, [model.urn]));
    expect(await flowsInto(reader, deployment.urn)).toEqual(
      ((await flowsInto(owner, deployment.urn)) as string[]).filter((flow) => !flow.includes('cleaner')),
    );
    const quality = (assets: unknown): unknown =>
      (assets as { asset: { qualityHistory: unknown } }[])[0]?.asset.qualityHistory;
    expect(quality(await askedOf(reader, [clean.urn]))).toEqual(quality(await askedOf(owner, [clean.urn])));
  });
});

describe('an export', () => {
  it('rebuilds the lineage elsewhere, and changes nothing when it comes again', async () => {
    const { owner, raw, clean, cleaner, trainer, model, deployment } = world;
    const response = await exportOf(owner, `asset=${encodeURIComponent(deployment.urn)}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/x-ndjson');
    expect(response.headers.get('x-weftline-withheld-assets')).toBe('0');
    const events = await linesOf(response);
    expect(faultsOfEvents(events)).toEqual([]);
    expect(events.at(-1)).toMatchObject({
      job: { facets: { weftline_export: { assets: 6, withheldAssets: 0, complete: true } } },
    });
    const text = events.map((event) => JSON.stringify(event)).join('\n');
    for (let time = 0; time < 2; time += 1) {
      const taken = await fetch(`${elsewhere.address}/api/v1/lineage/batch`, {
        method: 'POST',
        headers: { authorization: `Bearer ${producer.token ?? ''}`, 'content-type': 'application/x-ndjson' },
        body: text,
      });
      expect([taken.status, await taken.text()]).toEqual([204, '']);
      const urns = [raw, clean, cleaner, trainer, model, deployment].map(({ urn }) => urn);
      expect(await askedOf(reader, urns)).toEqual(await askedOf(owner, urns));
      expect(await flowsInto(reader, deployment.urn)).toEqual(await flowsInto(owner, deployment.urn));
      expect(await columnsInto(reader, clean.urn)).toEqual(await columnsInto(owner, clean.urn));
      expect((await flowsInto(owner, deployment.urn)) as string[]).toHaveLength(5);
    }
  });

  it('goes downstream, or both ways, from any reference', async () => {
    const { owner, raw, clean } = world;
    const names = (events: Record<string, unknown>[]) =>
      new Set(events.flatMap(({ job, dataset }) => ((job ?? dataset) as { name: string }).name));
    const down = names(await linesOf(await exportOf(owner, `asset=${raw.id}&direction=downstream`)));
    expect(down).toEqual(new Set(['raw', 'cleaner', 'clean', 'trainer', 'model', 'serving']));
    const up = names(await linesOf(await exportOf(owner, `asset=${clean.id}&direction=UPSTREAM`)));
    expect(up).toEqual(new Set(['raw', 'cleaner', 'clean']));
    expect(names(await linesOf(await exportOf(owner, `asset=${clean.id}&direction=both`)))).toEqual(down);
  });

  it('as of an earlier time rebuilds the lineage as it was then, by either clock', async () => {
    const { owner } = world;
    const seed = new Seed(owner, `${server.namespace}-then`);
    const [early, late, out, job] = [
      await seed.dataset('early', { fields: [{ name: 'first', type: 'int' }] }),
      await seed.dataset('late'),
      await seed.dataset('out'),
      await seed.transformation('job'),
    ];
    await seed.flow([early.id, job.id], [job.id, out.id]);
    const made = await seed.datasetVersion(early.id, 'v1');
    await seed.run(job.id, [made], [await seed.datasetVersion(out.id, 'o1')]);
    const then = new Date().toISOString();
    // The clocks go in milliseconds: what comes is later than that.
    await expect.poll(() => new Date().toISOString() > then).toBe(true);
    await seed.flow([late.id, job.id]);
    await seed.run(job.id, [made], [await seed.datasetVersion(out.id, 'o2')]);
    await owner.data(CHANGE, { rename: { ref: early.id, name: 'renamed' }, update: { ref: early.id, fields: [] } });
    await owner.data('mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { edges { source } } }', {
      input: {
        claimSource: 'late word',
        flows: [{ source: world.raw.id, target: job.id }],
        validFrom: then,
      },
    });
    const rebuilt = async (query: string): Promise<unknown[]> => {
      const prefix = `${query}:`;
      const response = await exportOf(owner, `asset=${out.id}&${query}`);
      expect(response.status).toBe(200);
      const taken = await reportTo(elsewhere.address, producer, placedIn(prefix, await linesOf(response)));
      expect(taken).toEqual([]);
      const urn = (name: string): string =>
        `urn:weft:dataset:${encodeURIComponent(`${prefix}${server.namespace}-then`)}:${name}`;
      const [{ asset }] = (await askedOf(reader, [urn('out')])) as [{ asset: { versions: { nodes: unknown[] } } }];
      const flows = (await flowsInto(reader, urn('out'))) as string[];
      const [names] = (await askedOf(reader, [urn('early')])) as [{ asset: { fields: unknown[] } | null }];
      const last = (text: string): string => text.split(':').at(-1) ?? '';
      return [
        flows.map((flow) => flow.split(' > ').map(last).join(' > ')).sort(),
        asset.versions.nodes.length,
        names.asset?.fields.length,
      ];
    };
    const before = ['early > job', 'job > out'];
    expect(await rebuilt(`asOf=${then}&knownAt=${then}`)).toEqual([before, 1, 1]);
    expect(await rebuilt(`knownAt=${then}`)).toEqual([before, 1, 1]);
    expect(await rebuilt(`asOf=${then}`)).toEqual([[...before, 'raw > job'], 1, 1]);
    expect(await rebuilt('direction=upstream')).toEqual([
      ['job > out', 'late > job', 'raw > job', 'renamed > job'],
      2,
      undefined,
    ]);
  });

  it('says how much it withholds, and nothing of what that is', async () => {
    const { owner, raw, deployment } = world;
    const seed = new Seed(owner, server.namespace);
    const secret = await seed.dataset('hush-hush', { visibility: 'RESTRICTED', fields: [{ name: 'hush_field' }] });
    await seed.flow([secret.id, world.cleaner.id]);
    const stranger = await server.user();
    const response = await exportOf(stranger, `asset=${deployment.id}`);
    expect(response.headers.get('x-weftline-withheld-assets')).toBe('1');
    const text = await response.clone().text();
    expect(text).not.toContain('hush');
    expect(text).not.toContain(secret.id);
    expect((await linesOf(response)).at(-1)).toMatchObject({
      job: { facets: { weftline_export: { assets: 6, withheldAssets: 1, complete: false } } },
    });
    const [hidden, missing] = [
      await exportOf(stranger, `asset=${secret.id}`),
      await exportOf(stranger, `asset=${raw.id.replace(/.$/, (last) => (last === '0' ? '1' : '0'))}`),
    ];
    expect([hidden.status, missing.status]).toEqual([404, 404]);
    const told = async (answer: Response, id: string): Promise<string> => (await answer.text()).replaceAll(id, 'ID');
    const other = raw.id.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    expect(await told(hidden, secret.id)).toBe(await told(missing, other));
  });

  it('is refused to who may not read, and for what cannot be asked', async () => {
    const { owner, raw } = world;
    expect((await exportOf(server.anonymous, `asset=${raw.id}`)).status).toBe(401);
    const asked: [string, RegExp][] = [
      ['', /Name one asset/],
      ['asset=', /Name one asset/],
      [`asset=${raw.id}&asset=${raw.id}`, /Name one asset/],
      [`asset=${raw.id}&direction=sideways`, /upstream, downstream, both/],
      [`asset=${raw.id}&since=2026-01-01`, /no parameter "since".*`asOf`, `knownAt`/],
      [`asset=${raw.id}&asOf=2026-01-01`, /`asOf` must be one time as 2026-11-29T12:00:00Z/],
      [`asset=${raw.id}&knownAt=`, /`knownAt` must be one time/],
      [`asset=${raw.id}&knownAt=2026-01-01T00:00:00Z&knownAt=2026-01-01T00:00:00Z`, /`knownAt` must be one time/],
      [`asset=${raw.id}&asOf=2999-01-01T00:00:00Z`, /`asOf` is 2999.* in the future/],
      [`asset=urn:weft:nonsense`, /./],
    ];
    for (const [query, message] of asked) {
      const response = await exportOf(owner, query);
      expect(response.status).toBe(400);
      expect(((await response.json()) as { errors: { message: string }[] }).errors[0]?.message).toMatch(message);
    }
  });

  it('is in the audit log', async () => {
    const { owner, raw } = world;
    await (await exportOf(owner, `asset=${raw.id}`)).text();
    await server.sealed();
    const query = `query ($target: AssetRef!) { asset(ref: $target) { audit(first: 20) { nodes { action } } } }`;
    const answer = await owner.ask(query, { target: raw.id });
    expect(JSON.stringify(answer)).toContain('lineage:export');
  });
});
