import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { mutationWith, refPlaces } from '../support/mutation-inputs.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** All that an entry tells. Its own id and number are of each entry alone. */
const TOLD = 'at actorId actorName action outcome targetId targetName requestId before after reason hidden';
const READ = `query ($filter: AuditFilter) { audit(filter: $filter, first: 200) { totalCount nodes { ${TOLD} } } }`;
const PAGE = `totalCount nodes { ${TOLD} }`;
/** Every way to find an entry, in one question. */
const READ_ALL = `query ($from: DateTime!, $own: AssetRef!, $ownId: ID!, $me: ID!) {
  all: audit(filter: { from: $from }) { ${PAGE} } mine: audit(filter: { from: $from, actor: $me }) { ${PAGE} }
  concerning: audit(filter: { from: $from, asset: $own }) { ${PAGE} }
  done: audit(filter: { from: $from, target: $ownId }) { ${PAGE} }
  denied: audit(filter: { from: $from, outcome: DENIED }) { ${PAGE} }
  asset(ref: $own) { audit(first: 3) { nodes { ${TOLD} } } } }`;

let server: TestWeftline;
/** Owns an asset of their own, tries writes on it together with what is hidden from them, and reads what they find. */
let prober: Client;
let own: SeededAsset;
let ownVersion: string;
let hidden: Record<string, string>;
let missing: Record<string, string>;

beforeAll(async () => {
  server = await startTestWeftline();
  const owner = await server.user();
  prober = await server.user();
  const [theirs, mine] = [new Seed(owner, server.namespace), new Seed(prober, server.namespace)];
  own = await mine.dataset('own');
  ownVersion = await mine.datasetVersion(own.id);
  const restricted = { visibility: 'RESTRICTED' };
  const data = await theirs.dataset('hidden', restricted);
  const version = await theirs.datasetVersion(data.id);
  const transformation = await theirs.transformation('hidden job', restricted);
  const run = await theirs.run(transformation.id, [version], []);
  const renamed = await theirs.dataset('hidden once', restricted);
  const name = 'hidden now';
  await owner.data(
    'mutation ($ref: AssetRef!, $name: String!) { renameAsset(input: { ref: $ref, name: $name }) { asset { id } } }',
    { ref: renamed.id, name },
  );
  hidden = { id: data.id, urn: data.urn, alias: renamed.urn, version, run };
  missing = {
    ...{ id: randomUUID(), version: randomUUID(), run: randomUUID() },
    ...{ urn: data.urn.replace('hidden', 'absent'), alias: renamed.urn.replace('hidden', 'absent') },
  };
});
afterAll(() => server.stop());

interface Found extends Record<string, unknown> {
  asset: { audit: { nodes: { at: string }[] } };
}

/** What the prober finds of one try, in every way there is, without what differs from try to try. */
async function tracesOf(action: () => Promise<unknown>): Promise<string> {
  const from = new Date().toISOString();
  await action();
  const { asset, ...lists } = await prober.data<Found>(READ_ALL, {
    ...{ from, own: own.urn, ownId: own.id, me: prober.userId },
  });
  const found = JSON.stringify([lists, asset.audit.nodes.filter(({ at }) => at >= from)]);
  return found.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time').replace(/"requestId":"[^"]*"/g, '"requestId":"…"');
}

/** Tries a mutation with `ref` in one place and what is one's own in all others. */
async function tryWith(mutation: string, path: string, ref: string): Promise<unknown> {
  const { query, variables } = mutationWith(server.weftline.schema, mutation, (at, type) => {
    if (at === path) return ref;
    if (type === 'AssetRef' || type === 'Urn') return own.urn;
    return type === 'ID' ? ownVersion : undefined;
  });
  return prober.ask(query, variables);
}

describe('Of a write that was denied', () => {
  it('nothing tells what is hidden from what is not there, whatever the mutation', { timeout: 300_000 }, async () => {
    const places = refPlaces(server.weftline.schema);
    expect(places.length).toBeGreaterThan(60);
    const differ: string[] = [];
    let told = 0;
    const kinds = Object.keys(hidden);
    for (const [turn, { mutation, path }] of places.entries()) {
      // Each place with two kinds of names, and each kind with every place near by.
      for (const kind of [kinds[turn % kinds.length] ?? '', kinds[(turn + 2) % kinds.length] ?? '']) {
        const [of, none] = [hidden[kind] ?? '', missing[kind] ?? ''];
        const [withHidden, withMissing] = [
          await tracesOf(() => tryWith(mutation, path, of)),
          await tracesOf(() => tryWith(mutation, path, none)),
        ];
        if (withHidden !== withMissing) differ.push(`${mutation} ${path} ${kind}: ${withHidden} ≠ ${withMissing}`);
        if (withHidden.includes('"denied:')) told += 1;
        expect(withHidden).not.toContain(of);
      }
    }
    expect(differ).toEqual([]);
    // Else nothing was compared: who owns what a write names besides finds that it was denied.
    expect(told).toBeGreaterThan(10);
  });

  it('an owner finds who was denied what kind of act on their asset, and not what else it named', async () => {
    const stranger = await server.user();
    const claim = `mutation ($to: ID!) { claimLineage(input: { flows: [{ source: "${own.urn}", target: $to }] }) { edges { source } } }`;
    for (const to of [hidden['urn'], missing['urn']]) await stranger.ask(claim.replace('ID!', 'AssetRef!'), { to });
    const { audit } = await prober.data<{ audit: { nodes: object[] } }>(READ, { filter: { actor: stranger.userId } });
    const entry = { action: 'denied:claimLineage', outcome: 'DENIED', actorId: stranger.userId, hidden: true };
    const withheld = { targetId: null, targetName: null, before: null, after: null, reason: null };
    expect(audit.nodes).toMatchObject([
      { ...entry, ...withheld },
      { ...entry, ...withheld },
    ]);
  });
});
