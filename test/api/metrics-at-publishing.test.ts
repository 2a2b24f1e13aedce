import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let owner: Client;
let model: string;
let versions = 0;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  model = (await new Seed(owner, server.namespace).model('measured')).id;
});

afterAll(() => server.stop());

const PUBLISH =
  'mutation ($input: PublishModelVersionInput!) { publishModelVersion(input: $input) { modelVersion { id metrics } } }';

/** As a variable, written as given. */
async function publish(metrics: string) {
  const variables = `{"input": {"model": "${model}", "version": "v${++versions}", "metrics": ${metrics}}}`;
  const response = await fetch(`${server.address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${owner.token ?? ''}` },
    body: `{"query": ${JSON.stringify(PUBLISH)}, "variables": ${variables}}`,
  });
  return (await response.json()) as {
    data?: { publishModelVersion: { modelVersion: { id: string; metrics: unknown } } | null } | null;
    errors?: { message: string; extensions: { code: string } }[];
  };
}

/** The same written into the text of the mutation. */
const publishLiterally = (metrics: string) =>
  owner.ask<{ publishModelVersion: { modelVersion: { metrics: unknown } } }>(
    `mutation { publishModelVersion(input: { model: "${model}", version: "v${++versions}", metrics: ${metrics} }) { modelVersion { metrics } } }`,
  );

describe('Metrics of a version that is published', () => {
  it.each<[string, Record<string, unknown>]>([
    ['{}', {}],
    ['{"auc": 0.93, "n": 12, "loss": -1.5e-7, "zero": 0}', { auc: 0.93, n: 12, loss: -1.5e-7, zero: 0 }],
    [
      '{"most": 9007199254740991, "tiny": 5e-324, "large": 1.7976931348623157e308}',
      {
        most: Number.MAX_SAFE_INTEGER,
        tiny: Number.MIN_VALUE,
        large: Number.MAX_VALUE,
      },
    ],
    ['{"a": "NaN", "b": "Infinity", "c": "-Infinity"}', { a: 'NaN', b: 'Infinity', c: '-Infinity' }],
    ['{"constructor": 1, "Größe/µm": 2}', { constructor: 1, 'Größe/µm': 2 }],
  ])('are kept as they are said: %s', async (written, kept) => {
    const { data, errors } = await publish(written);
    expect(errors).toBeUndefined();
    const { id, metrics } = data?.publishModelVersion?.modelVersion ?? {};
    expect(metrics).toEqual(kept);
    expect(await owner.data(`{ node(id: "${id}") { ... on ModelVersion { metrics } } }`)).toEqual({
      node: { metrics: kept },
    });
  });

  it.each([
    ['a text', '{"loss": 1, "auc": "0.93"}', 'auc', 'Send it as a number: 0.93, without quotation marks'],
    ['a text with blanks', '{"auc": " 93 "}', 'auc', 'Send it as a number: 93'],
    [
      'a text of more than a number holds',
      '{"auc": "18446744073709551615"}',
      'auc',
      'is 18446744073709551615, a whole number beyond 2^53',
    ],
    [
      'the same below zero',
      '{"auc": " -18446744073709551615"}',
      'auc',
      'Send a smaller one, or put it into `parameters`',
    ],
    ['a text that is none', '{"auc": "good"}', 'auc', '"NaN", "Infinity" or "-Infinity"'],
    ['another word for infinity', '{"auc": "inf"}', 'auc', '"Infinity"'],
    ['an empty text', '{"auc": ""}', 'auc', 'is the text ""'],
    ['a comma', '{"auc": "0,93"}', 'auc', 'a metric is a number'],
    ['null', '{"auc": null}', 'auc', 'Leave it out'],
    ['a truth', '{"auc": true}', 'auc', 'Send 0 or 1'],
    ['a list', '{"auc": [0.9, 0.93]}', 'auc', 'is a list'],
    ['an object', '{"auc": {"test": 0.93}}', 'auc', 'such as "loss/test"'],
    ['what no number holds', '{"auc": 1e400}', 'auc', 'JSON cannot say'],
    ['a whole number that would change', '{"seed": 18446744073709551615}', 'seed', 'beyond 2^53'],
    ['a name of nothing', '{" ": 1}', 'name of a metric', '1 to 200 characters'],
    ['a name that is too long', `{"${'x'.repeat(201)}": 1}`, 'xxx', '1 to 200 characters'],
    ['a list of all', '[0.93]', 'metrics', 'must be a JSON object'],
  ])('are refused with their name and the form wanted: %s', async (_, written, name, form) => {
    const { data, errors } = await publish(written);
    expect(data?.publishModelVersion ?? null).toBeNull();
    expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
    expect(errors?.[0]?.message).toContain(name);
    expect(errors?.[0]?.message).toContain(form);
  });

  it('are held to the same where they stand in the text of the mutation', async () => {
    const { data } = await publishLiterally('{ auc: 0.93, worst: "-Infinity" }');
    expect(data?.publishModelVersion.modelVersion.metrics).toEqual({ auc: 0.93, worst: '-Infinity' });
    for (const wrong of ['{ auc: "0.93" }', '{ auc: 1e400 }', '{ auc: [1] }', '{ auc: null }', '{ auc: GOOD }']) {
      const { errors } = await publishLiterally(wrong);
      expect(errors?.[0]?.extensions, wrong).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
  });

  it('that an earlier release took otherwise are still read as they were', async () => {
    const { data } = await publish('{"auc": 1}');
    const id = data?.publishModelVersion?.modelVersion.id ?? '';
    const before = { auc: '0.93', per: { class: [1, null] } };
    await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      tx.run('// catalog.asBefore\nMATCH (v:ModelVersion&Node {id: $id}) SET v.metrics = $json', {
        id,
        json: JSON.stringify(before),
      }),
    );
    expect(await owner.data(`{ node(id: "${id}") { ... on ModelVersion { metrics } } }`)).toEqual({
      node: { metrics: before },
    });
  });
});
