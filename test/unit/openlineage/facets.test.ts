import { describe, expect, it } from 'vitest';
import { columnLineageOf } from '../../../src/openlineage/event/column-lineage.js';
import { timeOf } from '../../../src/openlineage/event/event-time.js';
import { lifecycleOf, ownersOf, schemaOf, symlinksOf, versionOf } from '../../../src/openlineage/event/facets.js';
import { qualityAssertionsOf, qualityMetricsOf } from '../../../src/openlineage/event/quality-facets.js';
import { nominalTimeOf, parentOf } from '../../../src/openlineage/event/run-facets.js';
import { withDigitsAsText } from '../../../src/json/exact-numbers.js';
import { parseEvent } from '../../../src/openlineage/event/parse.js';
import type { EventInput } from '../../../src/openlineage/event/event.js';

const BASE = { _producer: 'test', _schemaURL: 'test' };

/** The one input of an event, by the way that events come. */
function inputWith(facets: object, inputFacets: object = {}): EventInput {
  const inputs = [{ namespace: '', name: 'table', facets, inputFacets }];
  const event = {
    eventTime: '2026-11-29T12:00:00Z',
    producer: 'p',
    schemaURL: 's',
    job: { namespace: 'n', name: 'j' },
    inputs,
  };
  const text = JSON.stringify(event).replace('"@big"', '5613249541547248623');
  const parsed = parseEvent(JSON.parse(text), JSON.parse(withDigitsAsText(text)));
  if (parsed.kind !== 'JOB' || !parsed.inputs[0]) throw new Error('The event has no input.');
  return parsed.inputs[0];
}

describe('facets', () => {
  it('tell nested fields, versions beyond 2^53, symlinks and what was before', () => {
    const dataset = inputWith({
      schema: { ...BASE, fields: [{ name: 'a', type: 'struct', ordinal_position: 1, fields: [{ name: 'b.c' }] }] },
      version: { ...BASE, datasetVersion: '5613249541547248623' },
      symlinks: { ...BASE, identifiers: [{ namespace: 'file:/x', name: 'shop.orders', type: 'TABLE' }] },
      lifecycleStateChange: {
        ...BASE,
        lifecycleStateChange: 'RENAME',
        previousIdentifier: { namespace: 'n', name: 'old' },
      },
    });
    const bare = { type: null, description: null, position: null, fields: [] };
    const [field] = schemaOf(dataset) ?? [];
    expect(field).toEqual({ ...bare, name: 'a', type: 'struct', position: 1, fields: [{ ...bare, name: 'b.c' }] });
    expect(versionOf(dataset)).toBe('5613249541547248623');
    expect(symlinksOf(dataset)).toEqual([{ namespace: 'file:/x', name: 'shop.orders', type: 'TABLE' }]);
    expect(lifecycleOf(dataset)).toEqual({ change: 'RENAME', previous: { namespace: 'n', name: 'old' } });
  });

  it('read as absent when they are missing or taken back', () => {
    const dataset = inputWith({
      schema: { ...BASE, _deleted: true, fields: [{ name: 'a' }] },
      ownership: { ...BASE, _deleted: true },
      version: { ...BASE, _deleted: true },
    });
    expect([schemaOf(dataset), versionOf(dataset), lifecycleOf(dataset)]).toEqual([null, null, null]);
    expect(ownersOf(dataset)).toEqual([]);
    expect(schemaOf(inputWith({ schema: BASE }))).toEqual([]);
  });

  it('tell of columns in the new form and in the old one', () => {
    const from = { namespace: 'n', name: 'source', field: 'x' };
    const said = { type: 'DIRECT', subtype: 'IDENTITY', masking: true };
    const lineage = columnLineageOf(
      inputWith({
        columnLineage: {
          ...BASE,
          fields: {
            new: { inputFields: [{ ...from, transformations: [said] }], transformationType: 'OLD' },
            old: { inputFields: [from], transformationType: 'MASKED', transformationDescription: 'hashed' },
            bare: { inputFields: [from] },
          },
          dataset: [{ ...from, transformations: [{ type: 'INDIRECT', subtype: 'FILTER' }] }],
        },
      }),
    );
    const kinds = (name: string): unknown[] =>
      lineage?.fields.get(name)?.map(({ transformations }) => transformations) ?? [];
    expect(kinds('new')).toEqual([[{ ...said, description: null }]]);
    expect(kinds('old')).toEqual([[{ type: 'MASKED', subtype: null, description: 'hashed', masking: null }]]);
    expect(kinds('bare')).toEqual([[]]);
    expect(lineage?.dataset[0]).toMatchObject({ dataset: { namespace: 'n', name: 'source' }, field: 'x' });
  });

  it('tell once what is asserted of an input and of its data set alike, and keep large numbers', () => {
    const assertions = { ...BASE, assertions: [{ assertion: 'not_null', success: false, column: 'id' }] };
    const metrics = { ...BASE, rowCount: 3, columnMetrics: { id: { max: '@big' } } };
    const dataset = inputWith(
      { dataQualityAssertions: assertions },
      { dataQualityAssertions: assertions, dataQualityMetrics: metrics },
    );
    expect(qualityAssertionsOf(dataset)).toMatchObject([{ assertion: 'not_null', success: false, column: 'id' }]);
    expect(qualityMetricsOf(dataset)).toMatchObject({ rowCount: 3 });
    expect(qualityMetricsOf(dataset)?.columns.get('id')).toEqual({ max: '5613249541547248623' });
  });

  it('tell of parents in lower case, and of no time that is none', () => {
    const run = { run: { runId: 'ABC' }, job: { namespace: '', name: 'dag' } };
    const named = { runId: 'abc', job: run.job };
    expect(parentOf({ runFacets: { parent: { ...BASE, ...run, root: run } } })).toEqual({ ...named, root: named });
    expect(nominalTimeOf({ runFacets: { nominalTime: { ...BASE, nominalStartTime: 'soon' } } })).toBeNull();
  });
});

describe('times of producers', () => {
  it.each([
    ['2026-11-29T12:00:00Z', '2026-11-29T12:00:00.000Z'],
    ['2026-11-29T12:00:00.9Z', '2026-11-29T12:00:00.900Z'],
    ['2026-11-29T12:00:00.123456789Z', '2026-11-29T12:00:00.123Z'],
    ['2026-11-29T12:00:00.5+02:00', '2026-11-29T10:00:00.500Z'],
    ['2026-11-29T12:00:00-0130', '2026-11-29T13:30:00.000Z'],
    ['2026-11-29T12:00:00.25', '2026-11-29T12:00:00.250Z'],
    ['2026-11-29T12:00+01:00[Europe/Zurich]', '2026-11-29T11:00:00.000Z'],
    ['2024-02-29T23:59:60Z', '2024-03-01T00:00:00.000Z'],
  ])('%s is %s', (written, meant) => {
    expect(timeOf(written)?.toISOString()).toBe(meant);
  });

  it.each([
    '',
    'now',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-29',
    '2026-11-29T25:00:00Z',
    '1764417600',
  ])('%s is none', (written) => {
    expect(timeOf(written)).toBeNull();
  });
});
