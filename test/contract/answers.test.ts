import {
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  getNamedType,
  getNullableType,
  graphql,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Actor, type Scope, SCOPES } from '../../src/auth/actor.js';
import { RECKONED } from '../../src/auth/answer.js';
import { isFormerName } from '../../src/graphql/deprecated.js';
import { Loaders } from '../../src/graphql/loaders.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** A token that may do and not read is told what was done, and nothing that is asked of the catalog beyond that. */
let server: TestWeftline;
beforeAll(async () => {
  server = await startTestWeftline();
});
afterAll(() => server.stop());

const NO_SUCH = '00000000-0000-7000-8000-000000000000';
const DOORS = ['Query.viewer', 'Query.planTraining'];

/** Root fields that a token without READ may ask. */
function doors(): { root: GraphQLObjectType; field: GraphQLField<unknown, unknown> }[] {
  const { schema } = server.weftline;
  const roots = [schema.getMutationType(), schema.getQueryType()].filter((type) => type != null);
  return roots.flatMap((root) =>
    Object.values(root.getFields())
      .filter((field) => root.name === 'Mutation' || DOORS.includes(`Query.${field.name}`))
      .map((field) => ({ root, field })),
  );
}

/** A value that the types allow. */
function written(type: GraphQLInputType): string {
  const inner = getNullableType(type);
  if (isListType(inner)) return `[${written(inner.ofType)}]`;
  if (isEnumType(inner)) return inner.getValues()[0]?.name ?? '';
  if (isInputObjectType(inner)) {
    const needed = Object.values(inner.getFields()).filter(isRequiredInputField);
    return `{ ${needed.map((field) => `${field.name}: ${written(field.type)}`).join(', ')} }`;
  }
  const samples: Record<string, string> = {
    ...{ Int: '1', Float: '1', Boolean: 'true', JSON: '{}', BigInt: '"1"' },
    Urn: '"urn:weft:dataset:none:such"',
  };
  return samples[inner.name] ?? (inner.name === 'DateTime' ? '"2026-01-01T00:00:00Z"' : `"${NO_SUCH}"`);
}

const asked = (field: GraphQLField<unknown, unknown>): string => {
  const args = field.args.filter(isRequiredArgument).map((arg) => `${arg.name}: ${written(arg.type)}`);
  return args.length === 0 ? field.name : `${field.name}(${args.join(', ')})`;
};

interface Way {
  coordinate: string;
  /** A selection that leads to the field, from the root field on. */
  text: (below: string) => string;
}

/** Each field that is reached from a type, with one way to it, until `stop` says that a way ends. */
function waysFrom(type: GraphQLNamedType, stop: (coordinate: string) => boolean): Way[] {
  const found: Way[] = [];
  const seen = new Set<string>();
  const go = (at: GraphQLNamedType, text: Way['text']): void => {
    if (isAbstractType(at)) {
      for (const member of server.weftline.schema.getPossibleTypes(at))
        go(member, (below) => text(`__typename ... on ${member.name} { ${below} }`));
      return;
    }
    if (!isObjectType(at)) return;
    for (const field of Object.values(at.getFields())) {
      const coordinate = `${at.name}.${field.name}`;
      if (seen.has(coordinate)) continue;
      seen.add(coordinate);
      const next = getNamedType(field.type);
      const here = (below: string): string => text(isLeafType(next) ? asked(field) : `${asked(field)} { ${below} }`);
      found.push({ coordinate, text: here });
      if (!stop(coordinate)) go(next, here);
    }
  };
  go(type, (below) => below);
  return found;
}

function ownResolvers(): Set<string> {
  const fields = [...server.weftline.matrix.keys()];
  const { schema } = server.weftline;
  return new Set(
    fields.filter((coordinate) => {
      const [type = '', field = ''] = coordinate.split('.');
      const object = schema.getType(type);
      return isObjectType(object) && object.getFields()[field]?.extensions['hasOwnResolver'] === true;
    }),
  );
}

const actorWith = (scopes: readonly Scope[]): Actor => ({
  ...{ id: NO_SUCH, name: 'somebody', role: 'ADMIN', scopes, principalIds: [NO_SUCH] },
  origin: { requestId: 'test', operation: 'test' },
});

/** The errors of a field that is asked with these scopes. */
async function refusals(source: string, scopes: readonly Scope[]) {
  const contextValue = { actor: actorWith(scopes), loaders: new Loaders() };
  const { errors } = await graphql({ schema: server.weftline.schema, source, contextValue });
  return errors ?? [];
}

describe('A token without READ', () => {
  it('is kept from every field that has a resolver of its own, below whatever it may do', async () => {
    const own = ownResolvers();
    expect(own.size).toBeGreaterThan(80);
    let tried = 0;
    for (const { root, field } of doors()) {
      const closed = (coordinate: string): boolean => own.has(coordinate) && !RECKONED.has(coordinate);
      for (const { coordinate, text } of waysFrom(getNamedType(field.type), closed)) {
        if (!closed(coordinate)) continue;
        const kind = root.name === 'Mutation' ? 'mutation' : 'query';
        const source = `${kind} { ${asked(field)} { ${text('__typename')} } }`;
        const [error] = await refusals(
          source,
          SCOPES.filter((scope) => scope !== 'READ'),
        );
        expect(error?.message, source).toMatch(
          new RegExp(`^\\w+\\.${coordinate.split('.')[1]} is read from the catalog`),
        );
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(150);
  });

  it('reaches no list of the catalog, and nothing that nobody has looked at, through what is told with an answer', () => {
    const own = ownResolvers();
    const told = new Set<string>();
    for (const { field } of doors()) {
      const closed = (coordinate: string): boolean => own.has(coordinate) && !RECKONED.has(coordinate);
      for (const { coordinate } of waysFrom(getNamedType(field.type), closed))
        if (!closed(coordinate)) told.add(coordinate);
    }
    expect([...told].filter((coordinate) => /Connection\.|Edge\.node$/.test(coordinate))).toEqual([]);
    for (const coordinate of ['lineage', 'audit', 'owners', 'viewerCan', 'versions', 'fields', 'latestVersion'])
      expect([...told].filter((each) => each.endsWith(`.${coordinate}`))).toEqual([]);
  });

  it('is told of an asset that is in the way its names alone', async () => {
    const input = `{ idempotencyKey: "k", transformation: "${NO_SUCH}", output: "${NO_SUCH}", inputs: [], command: ["true"], resources: {} }`;
    const plan = (asset: string, fragment = ''): string =>
      `query { planTraining(input: ${input}) { reasons { rule asset { ${asset} } } } } ${fragment}`;
    const hidden = 'fragment F on Asset { id ... on Asset { description } }';
    const [refused] = await refusals(plan('...F', hidden), ['LAUNCH']);
    expect(refused?.message).toContain('Asset.description is read from the catalog');
    const [told] = await refusals(plan('id urn kind namespace name'), ['LAUNCH']);
    expect(told?.message).not.toContain('is read from the catalog');
  });
});

describe('Fields with a resolver of their own', () => {
  it('are known, each of the program, but former names that a type answers by itself', () => {
    const { fieldResolvers, fields, resolverClasses } = getMetadataStorage();
    const names = new Set([...ownResolvers()].map((coordinate) => coordinate.split('.')[1]));
    const isFormer = ({ target, schemaName }: { target: unknown; schemaName: string | undefined }): boolean =>
      !resolverClasses.some((each) => each.target === target) &&
      fields.some(
        (each) => each.target === target && each.schemaName === schemaName && isFormerName(each.deprecationReason),
      );
    const asking = fieldResolvers.filter((each) => !isFormer(each));
    expect(asking.length).toBeGreaterThan(100);
    for (const { schemaName } of asking) expect(names, schemaName).toContain(schemaName);
  });

  it('are those that only reckon, where they are told without READ', () => {
    expect([...RECKONED].filter((coordinate) => !ownResolvers().has(coordinate))).toEqual([]);
  });
});
