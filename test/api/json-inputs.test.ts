import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client, GraphqlAnswer } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const UPDATE = 'mutation ($i: UpdateAssetInput!) { updateAsset(input: $i) { asset { properties } } }';

let server: TestWeftline;
let owner: Client;
let ref: string;
beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  ref = (await new Seed(owner, server.namespace).dataset('data')).id;
});
afterAll(() => server.stop());

const update = (properties: unknown): Promise<GraphqlAnswer<unknown>> => owner.ask(UPDATE, { i: { ref, properties } });
const nested = (depth: number): string => `{a: ${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
const asVariable = (depth: number): unknown => JSON.parse(nested(depth).replace('a:', '"a":'));
const asLiteral = (text: string, variables = ''): string =>
  `mutation ($r: AssetRef!${variables}) { updateAsset(input: { ref: $r, properties: ${text} }) { asset { properties } } }`;
const objects = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString')),
  fc.jsonValue({ stringUnit: 'binary' }),
);
const codes = ({ errors }: GraphqlAnswer<unknown>): unknown => errors?.map(({ extensions }) => extensions.code);

describe('properties', () => {
  it('read back as they were given, now, as of before and in the log', async () => {
    for (const properties of fc.sample(objects, 8)) {
      const given = JSON.parse(JSON.stringify(properties)) as unknown;
      expect(await update(given)).toEqual(
        expect.objectContaining({ data: { updateAsset: { asset: { properties: given } } } }),
      );
      const asOf = new Date().toISOString();
      const { asset } = await owner.data<{ asset: object }>(
        'query ($r: AssetRef!, $t: DateTime) { asset(ref: $r, asOf: $t) { properties } }',
        { r: ref, t: asOf },
      );
      expect(asset).toEqual({ properties: given });
    }
    await server.sealed();
    const { asset } = await owner.data<{ asset: { properties: unknown; audit: { edges: { node: object }[] } } }>(
      'query ($r: AssetRef!) { asset(ref: $r) { properties audit(first: 1) { edges { node { after } } } } }',
      { r: ref },
    );
    expect(asset.audit.edges[0]?.node).toMatchObject({ after: { properties: asset.properties } });
  });

  it.each([
    '{"constructor":{"prototype":{"isAdmin":true}},"__proto__":{"isAdmin":true},"a":[{"__proto__":1,"toString":null}]}',
    '{"__proto__":null,"hasOwnProperty":false}',
  ])('keep keys that JavaScript has a use for as the data they are: %s', async (text) => {
    for (const answer of [
      await update(JSON.parse(text)),
      await owner.ask(asLiteral(text.replaceAll(/"(\w+)":/g, '$1: ')), { r: ref }),
    ]) {
      const { updateAsset } = answer.data as { updateAsset: { asset: { properties: unknown } } };
      expect(JSON.stringify(updateAsset.asset.properties)).toBe(text);
    }
    expect(({} as Record<string, unknown>)['isAdmin']).toBeUndefined();
  });

  it.each(['9007199254740991', '-9007199254740991', '9007199254740992', '1e300', '0.1'])(
    'keep the number %s as it is written',
    async (number) => {
      for (const answer of [
        await update(JSON.parse(`{"n": ${number}}`)),
        await owner.ask(asLiteral(`{ n: ${number} }`), { r: ref }),
      ])
        expect(JSON.stringify(answer.data)).toContain(`"n":${JSON.stringify(JSON.parse(number))}`);
    },
  );

  it.each(['18446744073709551615', '9007199254740993', '-9007199254740993', '100000000000000000001'])(
    'are refused with %s, which would become another number, by its name',
    async (number) => {
      const body = `{"query": ${JSON.stringify(UPDATE)}, "variables": {"i": {"ref": "${ref}", "properties": {"seeds": [1, ${number}]}}}}`;
      const response = await fetch(`${server.address}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${owner.token ?? ''}` },
        body,
      });
      expect(response.status).toBe(400);
      const answer = (await response.json()) as GraphqlAnswer<unknown>;
      expect(codes(answer)).toEqual(['BAD_USER_INPUT']);
      expect(answer.errors?.[0]?.message).toContain(
        `/variables/i/properties/seeds/1 is ${number}, a whole number beyond 2^53`,
      );
      const literal = await owner.ask(asLiteral(`{ seeds: [1, ${number}] }`), { r: ref });
      expect(codes(literal)).toEqual(['BAD_USER_INPUT']);
      expect(literal.errors?.[0]?.message).toContain(number);
    },
  );

  it('are accepted 32 levels deep and refused beyond, as variable, as literal and as variable within one', async () => {
    expect(codes(await update(asVariable(32)))).toBeUndefined();
    expect(codes(await owner.ask(asLiteral(nested(32)), { r: ref }))).toBeUndefined();
    for (const answer of [
      await update(asVariable(33)),
      await owner.ask(asLiteral(nested(33)), { r: ref }),
      await owner.ask(asLiteral('{ b: [$j] }', ', $j: JSON'), { r: ref, j: asVariable(31) }),
    ]) {
      expect(answer.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
      expect(answer.errors?.[0]?.message).toMatch(/^`input.properties` nests deeper than 32 levels at \//);
    }
  });

  it.each([
    ['a number that no JSON says', '{ a: 1e400 }'],
    ['half of a character', '{ a: "\\ud83d" }'],
    ['a name that is no string', '{ a: NAME }'],
  ])('are refused with %s', async (_, text) => {
    expect(codes(await owner.ask(asLiteral(text), { r: ref }))).toEqual(['BAD_USER_INPUT']);
  });

  it('are refused beyond 65,536 bytes, and never are the cause of an error on our side', async () => {
    expect(codes(await update({ a: 'x'.repeat(65_536 - 8) }))).toBeUndefined();
    expect(codes(await update({ a: 'x'.repeat(65_536 - 7) }))).toEqual(['BAD_USER_INPUT']);
    for (const depth of [33, 99, 2_200]) {
      expect(codes(await update(asVariable(depth)))).toEqual(['BAD_USER_INPUT']);
    }
    expect(
      await owner.data('query ($r: AssetRef!) { asset(ref: $r) { audit(first: 3) { edges { node { action } } } } }', {
        r: ref,
      }),
    ).toBeTruthy();
  });
});
