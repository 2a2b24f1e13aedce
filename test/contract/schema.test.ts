import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
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
import { printSortedSchema } from '../../src/graphql/door/schema.js';
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

/** What clients and acceptance checks rely on: the members of each type, as the product promises them. */
const PROMISED: Record<string, string> = {
  Node: 'id',
  Asset:
    'id urn kind namespace name description tags properties visibility owners createdAt updatedAt retiredAt revision lineage audit viewerCan',
  Dataset: 'fields versions latestVersion format uri',
  Transformation: 'codeRef runs',
  Model: 'versions latestVersion task license',
  Deployment: 'environment endpoint current releases',
  Field: 'id name type description ordinal',
  CodeRef: 'repository revision path image',
  DatasetVersion: 'id dataset version digest uri rowCount bytes createdAt generatedBy usedBy provenance',
  ModelVersion: 'id model version digest uri bytes metrics parameters createdAt generatedBy servedBy provenance',
  Run: 'id transformation state startedAt endedAt durationSeconds inputs outputs parent error facets job',
  Release: 'id deployment modelVersion releasedBy from until',
  Lineage: 'roots nodes edges pageInfo totalCount facets completeness',
  LineageNode: 'depth asset key hidden moreUpstream moreDownstream',
  LineageEdge: 'source target claims',
  Claim: 'source run validFrom validUntil recordedAt retractedAt by',
  Completeness: 'complete hiddenNodes cutByDepth cutByPage',
  LineageFacet: 'name buckets',
  FacetBucket: 'value count',
  Provenance: 'versions runs edges completeness',
  ProvenanceEdge: 'source target',
  Query: 'viewer node nodes asset assets search lineage audit trainingJob trainingJobs launchers',
  Mutation:
    'registerDataset registerTransformation registerModel registerDeployment updateAsset renameAsset retireAsset publishDatasetVersion publishModelVersion startRun finishRun claimLineage retractLineage setOwners requestAccess decideAccess revokeAccess launchTraining cancelTraining deployModel',
  Subscription: 'trainingJobChanged trainingJobLog catalogChanged',
  LaunchTrainingInput:
    'idempotencyKey transformation inputs output command image environment parameters resources launcher timeoutSeconds maxRetries purpose',
  ResourcesInput: 'gpus gpuType cpus memoryBytes nodes',
  TrainingJob:
    'id state observation run launcher externalId requestedBy resources attempts createdAt startedAt endedAt metrics usage modelVersion logs failure',
  Observation: 'at stale error',
  JobAttempt: 'number externalId state startedAt endedAt exitCode signal reason',
  JobFailure: 'code message retryable',
  ResourceUsage: 'gpuSeconds cpuSeconds maxMemoryBytes',
  LaunchDenied: 'reasons',
  DenialReason: 'rule message asset',
  LaunchConflict: 'job message',
  LauncherUnavailable: 'launcher message',
  Launcher: 'name kind available message gpus',
  AssetKind: 'DATASET TRANSFORMATION MODEL DEPLOYMENT',
  Direction: 'UPSTREAM DOWNSTREAM BOTH',
  Visibility: 'DISCOVERABLE RESTRICTED',
  OwnerRole: 'OWNER STEWARD',
  Action: 'VIEW EDIT USE_FOR_TRAINING DEPLOY MANAGE_OWNERS',
  RunState: 'QUEUED RUNNING SUCCEEDED FAILED CANCELLED',
  JobState: 'PENDING SUBMITTING QUEUED STARTING RUNNING SUCCEEDED FAILED TIMED_OUT CANCELLING CANCELLED LOST',
};

function membersOf(name: string): string[] {
  const type = schema.getType(name);
  if (isEnumType(type)) return type.getValues().map((value) => value.name);
  if (isInputObjectType(type) || isObjectType(type) || isInterfaceType(type)) return Object.keys(type.getFields());
  return [];
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

  it('says of each what it is: whole noun phrases, no riddles', () => {
    const asked = described().filter(([, description]) =>
      /^(?:What|Which|Who|Whom|Whose|When|Where|Why|How|Since)\b/.test(description ?? ''),
    );
    expect(asked.map(([name, description]) => `${name}: ${description ?? ''}`)).toEqual([]);
    const alone = described().filter(([, description]) => /^\S+\.$/.test(description ?? ''));
    expect(alone.map(([name, description]) => `${name}: ${description ?? ''}`)).toEqual([]);
  });

  it.each(Object.entries(PROMISED))('keeps what clients of %s rely on', (name, members) => {
    const has = membersOf(name);
    expect(members.split(' ').filter((member) => !has.includes(member))).toEqual([]);
  });

  it('is the same where decorators emit no types, as under tsx', () => {
    const program = ['--import', 'tsx', 'src/cli/print-schema.ts', '--check'];
    expect(() => execFileSync(process.execPath, program, { cwd: ROOT, stdio: 'pipe' })).not.toThrow();
  });
});
