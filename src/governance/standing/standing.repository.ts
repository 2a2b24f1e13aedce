import { z } from 'zod';
import type { Row } from '../../neo4j/row.js';
import type { Statements } from '../../neo4j/statements.js';
import { readStoredAs } from '../../json/stored.js';
import { OPEN_STATES } from '../../training/jobs/job.js';
import type { PolicyQuestion, Subject } from '../decisions/decision.js';
import { storedSubjects } from '../decisions/decision.repository.js';
import { ACTIONS } from '../policies/facts.js';
import * as cypher from './standing.cypher.js';
import type { LiveDeployment, Standing, StandingKind } from './standing.js';

/** A part of a list, in order of the ids: those behind one. */
export interface Part {
  behind: string;
  limit: number;
}

/** Reads what stands: what serves, what runs, and what was approved. Of all there is, whoever asks. */
export class StandingRepository {
  constructor(private readonly now: () => Date) {}

  of(statements: Statements, kind: StandingKind, part: Part): Promise<Standing[]> {
    if (kind === 'DEPLOYMENT') return this.live(statements, part);
    return kind === 'TRAINING_JOB' ? this.jobs(statements, part) : this.approvals(statements, part);
  }

  async live(statements: Statements, part: Part): Promise<LiveDeployment[]> {
    return (await statements.run(cypher.LIVE_DEPLOYMENTS, { ...part })).map(decodeLive);
  }

  /** What serves on each of them; one on which nothing does is not in there. */
  async liveOn(statements: Statements, ids: readonly string[]): Promise<Map<string, LiveDeployment>> {
    return new Map((await statements.run(cypher.LIVE_ON, { ids })).map((row) => [row.text('id'), decodeLive(row)]));
  }

  private async jobs(statements: Statements, part: Part): Promise<Standing[]> {
    return (await statements.run(cypher.OPEN_JOBS, { ...part, open: OPEN_STATES })).map(decodeJob);
  }

  private async approvals(statements: Statements, part: Part): Promise<Standing[]> {
    return (await statements.run(cypher.OPEN_APPROVALS, { ...part, now: this.now() })).map(decodeApproval);
  }
}

const record = z.record(z.string(), z.unknown());

/** What cannot be read is not known, which forbids where a policy reads it. */
function givenIn(row: Row): PolicyQuestion['given'] {
  const text = row.maybeText('given');
  return text === null ? {} : readStoredAs<Record<string, unknown>>(text, record, () => ({}));
}

function decodeLive(row: Row): LiveDeployment {
  const id = row.text('id');
  return {
    ...{ kind: 'DEPLOYMENT', id, resourceUrn: row.text('urn'), releaseId: row.text('releaseId') },
    owesWord: row.flag('owesWord'),
    asked: {
      ...{ action: 'deployModel', resourceId: id, requesterId: row.text('releasedById') },
      subjects: [
        { part: 'RESOURCE', assetId: id, versionId: null },
        { part: 'MODEL_VERSION', assetId: row.text('modelId'), versionId: row.text('modelVersionId') },
      ],
      given: { ...givenIn(row), environment: (row.maybeText('environment') ?? '').trim().toLowerCase() },
    },
  };
}

function decodeJob(row: Row): Standing {
  const transformationId = row.text('transformationId');
  const inputs = row.rows('inputs').map((each): Subject => ({
    ...{ part: 'INPUT', assetId: each.text('assetId'), versionId: each.text('versionId') },
  }));
  const purpose = row.maybeText('purpose')?.trim() ?? '';
  return {
    ...{ kind: 'TRAINING_JOB', id: row.text('id'), resourceUrn: row.text('urn') },
    asked: {
      ...{ action: 'launchTraining', resourceId: transformationId, requesterId: row.text('requestedById') },
      subjects: [
        { part: 'RESOURCE', assetId: transformationId, versionId: null },
        { part: 'OUTPUT', assetId: row.text('outputId'), versionId: null },
        ...inputs,
      ],
      given: {
        environment: '',
        launcher: row.text('launcher'),
        ...(purpose === '' ? {} : { purpose }),
        ...givenIn(row),
      },
    },
  };
}

function decodeApproval(row: Row): Standing {
  return {
    ...{ kind: 'APPROVAL', id: row.text('id'), resourceUrn: row.text('urn') },
    asked: {
      action: ACTIONS.find((action) => action === row.text('action')) ?? 'export',
      ...{ resourceId: row.text('resourceId'), requesterId: row.text('requestedById') },
      subjects: readStoredAs<Subject[]>(row.text('subjects'), storedSubjects, () => []),
      given: givenIn(row),
    },
  };
}
