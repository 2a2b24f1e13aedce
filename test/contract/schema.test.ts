import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  type GraphQLSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { printSortedSchema } from '../../src/graphql/schema.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const ROOT = join(import.meta.dirname, '../..');

let server: TestWeftline;
let schema: GraphQLSchema;
beforeAll(async () => {
  server = await startTestWeftline();
  schema = server.weftline.schema;
});
afterAll(() => server.stop());

/** Everything in the schema that can have a description, with it. */
function described(): [string, string | null | undefined][] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type))
    .flatMap((type) => {
      const rows: [string, string | null | undefined][] = [[type.name, type.description]];
      if (isEnumType(type))
        rows.push(
          ...type
            .getValues()
            .map((value): [string, typeof value.description] => [`${type.name}.${value.name}`, value.description]),
        );
      if (isInputObjectType(type))
        rows.push(
          ...Object.values(type.getFields()).map((field): [string, typeof field.description] => [
            `${type.name}.${field.name}`,
            field.description,
          ]),
        );
      if (!isObjectType(type) && !isInterfaceType(type)) return rows;
      for (const field of Object.values(type.getFields())) {
        rows.push([`${type.name}.${field.name}`, field.description]);
        rows.push(
          ...field.args.map((arg): [string, typeof arg.description] => [
            `${type.name}.${field.name}(${arg.name})`,
            arg.description,
          ]),
        );
      }
      return rows;
    });
}

describe('the schema', () => {
  it('is committed as the code has it ("npm run schema" writes it)', () => {
    expect(readFileSync(join(ROOT, 'schema/schema.graphql'), 'utf8')).toBe(printSortedSchema(schema));
  });

  it('describes every type, field, argument and value: it is the manual', () => {
    const all = described().filter(([name]) => !['Query', 'Mutation', 'Subscription'].includes(name));
    expect(all.length).toBeGreaterThan(700);
    expect(all.filter(([, description]) => !description?.trim()).map(([name]) => name)).toEqual([]);
  });

  it('has the root fields of the contract that this release is about', () => {
    const names = (type: { getFields: () => object } | null | undefined): string[] =>
      Object.keys(type?.getFields() ?? {});
    expect(names(schema.getQueryType())).toEqual(
      expect.arrayContaining([
        'viewer',
        'node',
        'nodes',
        'asset',
        'assets',
        'search',
        'lineage',
        'audit',
        'trainingJob',
        'trainingJobs',
        'launchers',
      ]),
    );
    expect(names(schema.getMutationType())).toEqual(
      expect.arrayContaining([
        'registerDataset',
        'registerTransformation',
        'registerModel',
        'registerDeployment',
        'updateAsset',
        'renameAsset',
        'retireAsset',
        'publishDatasetVersion',
        'publishModelVersion',
        'startRun',
        'finishRun',
        'claimLineage',
        'retractLineage',
        'setOwners',
        'requestAccess',
        'decideAccess',
        'revokeAccess',
        'launchTraining',
        'cancelTraining',
        'deployModel',
      ]),
    );
    expect(names(schema.getSubscriptionType())).toEqual(
      expect.arrayContaining(['trainingJobChanged', 'trainingJobLog', 'catalogChanged']),
    );
  });
});
