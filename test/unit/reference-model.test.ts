import { describe, expect, it } from 'vitest';
import type { Event, Flow } from '../support/reference/events.js';
import { BUILDER, ReferenceModel } from '../support/reference/model.js';

/**
 * The model is what Weftline is measured by, so it is measured here by hand: each case is a few events, and edges a reader
 * can work out in their head. An event happens at moment 2, 4, 6 …
 */
const d1t1 = { source: 'd1', target: 't1' };
const d2t1 = { source: 'd2', target: 't1' };

function happened(...events: Event[]): ReferenceModel {
  const model = new ReferenceModel();
  for (const asset of ['d1', 'd2']) model.apply({ do: 'register', asset, kind: 'DATASET' });
  model.apply({ do: 'register', asset: 't1', kind: 'TRANSFORMATION' });
  for (const event of events) {
    model.now += 2;
    model.apply(event);
  }
  return model;
}

const claim = (flows: Flow[], more: Partial<Event & { do: 'claim' }> = {}): Event => ({
  do: 'claim',
  source: 'dbt',
  flows,
  scope: 'FLOWS',
  run: null,
  transformation: null,
  from: null,
  until: null,
  ...more,
});

const edges = (model: ReferenceModel, asOf: number, knownAt = asOf): string[] =>
  model.statements
    .edges(asOf, knownAt)
    .map(({ source, target, claims }) => `${source}>${target} ${claims.map((each) => each.source).join()}`);

describe('the reference model', () => {
  it('holds a statement from its begin to its end, the end excluded', () => {
    const model = happened(claim([d1t1], { from: -4, until: 1 }));
    expect([-5, -4, 0, 1].map((asOf) => edges(model, asOf, 2).length)).toEqual([0, 1, 1, 0]);
    expect(edges(model, 0, 1)).toEqual([]);
  });

  it('lets a complete report end what its source does not repeat, and nothing of others', () => {
    const model = happened(
      claim([d1t1, d2t1]),
      claim([d2t1], { source: 'airflow' }),
      claim([d1t1], { scope: 'TRANSFORMATION' }),
    );
    expect(edges(model, 5)).toEqual(['d1>t1 dbt', 'd2>t1 dbt,airflow']);
    expect(edges(model, 6).sort()).toEqual(['d1>t1 dbt', 'd2>t1 airflow']);
  });

  it('lets a late report land before the one that came first', () => {
    const model = happened(
      claim([d1t1], { scope: 'TRANSFORMATION', from: 2 }),
      claim([d2t1], { scope: 'TRANSFORMATION', from: 0 }),
    );
    expect(edges(model, 0, 4)).toEqual(['d2>t1 dbt']);
    expect(edges(model, 4)).toEqual(['d1>t1 dbt']);
  });

  it('knows what was taken back until then, and lets what its run had ended hold again', () => {
    const model = happened(
      { do: 'start', run: 'r1', transformation: 't1', inputs: [], startedAt: 2 },
      claim([d1t1]),
      claim([d2t1], { scope: 'TRANSFORMATION', run: 'r1', from: 5 }),
      { do: 'retract', source: 'dbt', what: { run: 'r1' }, from: null },
    );
    expect(edges(model, 8, 7)).toEqual(['d2>t1 dbt']);
    expect(edges(model, 8)).toEqual(['d1>t1 dbt']);
  });

  it('ends what was true until then, and still knows what was believed before', () => {
    const model = happened(claim([d1t1]), claim([d2t1]), {
      do: 'retract',
      source: 'dbt',
      what: { everything: true },
      from: 3,
    });
    expect(edges(model, 3, 5)).toEqual(['d1>t1 dbt']);
    expect(edges(model, 3, 6)).toEqual([]);
    expect(edges(model, 2, 6)).toEqual(['d1>t1 dbt']);
  });

  it('bridges over noise, stops where it is told, and hides a stranger from neither', () => {
    const model = happened(claim([d1t1, { source: 't1', target: 'd2' }]));
    const walk = { roots: ['d1'], direction: 'DOWNSTREAM' as const, depth: 5, kinds: null };
    const now = { asOf: 2, knownAt: 2, viewer: BUILDER };
    const bridged = model.lineage({ ...walk, ignore: { kinds: ['TRANSFORMATION'] } }, now);
    expect(bridged?.edges).toEqual([{ source: 'd1', target: 'd2', sources: [], through: 1 }]);
    expect(bridged?.nodes).toMatchObject([{ asset: 'd2', depth: 2 }]);
    expect(model.lineage({ ...walk, until: { assets: ['t1'] } }, now)?.totalCount).toBe(1);
    model.now += 2;
    model.apply({ do: 'restrict', asset: 't1', restricted: true });
    const stranger = { ...now, viewer: 'alice' };
    expect(
      model.lineage({ ...walk, ignore: { kinds: ['TRANSFORMATION'] }, until: { assets: ['t1'] } }, stranger),
    ).toMatchObject({
      totalCount: 2,
      completeness: { hiddenNodes: 1 },
    });
  });
});
