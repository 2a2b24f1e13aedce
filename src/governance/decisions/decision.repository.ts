import { z } from 'zod';
import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { cutPage, type Page, type PagedStatement, type PageRows, pageStatement } from '../../graphql/page.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import { readStoredAs } from '../../json/stored.js';
import { OUTCOMES, POLICY_VERDICTS, SEVERITIES } from '../policies/engine.js';
import { ACTIONS, type Facts } from '../policies/facts.js';
import * as cypher from './decision.cypher.js';
import type { DigestedSubject, PolicyDecision, Witness } from './decision.js';

/** A decision, and which of the assets that it names the viewer sees. */
export type SeenDecision = PolicyDecision & { seen: ReadonlySet<string> };

/** Which decisions a list is of: those about an asset, those that let a job or a release through, or those that an emergency covered. */
export type DecisionList = 'ON_ASSET' | 'THAT_ALLOWED' | 'BY_BREAK_GLASS';

const LISTS: Readonly<Record<DecisionList, { page: PagedStatement; count: string }>> = {
  ON_ASSET: { page: cypher.DECISIONS_ON, count: cypher.COUNT_DECISIONS_ON },
  THAT_ALLOWED: { page: cypher.DECISIONS_THAT_ALLOWED, count: cypher.COUNT_DECISIONS_THAT_ALLOWED },
  BY_BREAK_GLASS: { page: cypher.DECISIONS_BY_BREAK_GLASS, count: cypher.COUNT_DECISIONS_BY_BREAK_GLASS },
};

export class DecisionRepository extends ActorReads {
  async create(tx: WriteTransaction, given: PolicyDecision): Promise<void> {
    const { __typename, subjects, facts, given: asked, findings, witnesses, ...plain } = given;
    const assetIds = [
      given.resourceId,
      ...subjects.filter(({ part }) => part === 'OUTPUT').map(({ assetId }) => assetId),
    ];
    const namedIds = [
      ...subjects.map(({ assetId }) => assetId),
      ...witnesses.flatMap(({ steps }) => steps.map((step) => step.assetId)),
    ];
    await tx.run(cypher.CREATE_DECISION, {
      decision: {
        ...plain,
        ...{ subjects: JSON.stringify(subjects), facts: JSON.stringify(facts), given: JSON.stringify(asked) },
        ...{ findings: JSON.stringify(findings), witnesses: JSON.stringify(witnesses) },
        namedIds: [...new Set(namedIds)],
      },
      assetIds: [...new Set(assetIds)],
      versionIds: [...new Set(subjects.flatMap(({ versionId }) => versionId ?? []))],
    });
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, SeenDecision>> {
    const rows = await this.read(actor, cypher.DECISIONS_BY_ID, { ids });
    return new Map(rows.map((row) => [row.row('decision').text('id'), decodeSeen(row)]));
  }

  async list(
    actor: Actor,
    list: DecisionList,
    ids: readonly string[],
    page: Page,
  ): Promise<Map<string, PageRows<SeenDecision>>> {
    const statement = pageStatement(LISTS[list].page, page);
    const rows = await this.read(actor, statement.cypher, { ids, ...statement.window });
    return new Map(rows.map((row) => [row.text('id'), cutPage(row.rows('decisions').map(decodeSeen), page)]));
  }

  async count(actor: Actor, list: DecisionList, ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.read(actor, LISTS[list].count, { ids });
    return new Map(rows.map((row) => [row.text('id'), row.int('total')]));
  }
}

const record = z.record(z.string(), z.unknown());
export const storedSubjects = z.array(
  z.object({
    part: z.enum(['RESOURCE', 'OUTPUT', 'INPUT', 'MODEL_VERSION']),
    assetId: z.string(),
    versionId: z.string().nullable(),
    digest: z.string(),
    content: z.string().exactOptional(),
  }),
);
const storedFindings = z.array(
  z.object({
    ...{ id: z.string(), verdict: z.enum(POLICY_VERDICTS), reason: z.string() },
    ...{ severity: z.enum(SEVERITIES), unknownFacts: z.array(z.string()) },
  }),
);
const storedWitnesses = z.array(
  z.object({
    fact: z.string(),
    steps: z.array(
      z.object({
        ...{ kind: z.enum(['VERSION', 'RUN', 'ASSET']), id: z.string(), assetId: z.string() },
        field: z.string().optional(),
      }),
    ),
  }),
);
/** A decision whose text cannot be read any more decides nothing: its facts are all unknown. */
const NOTHING_KNOWN: Facts = { unknown: [] };

function decodeSeen(row: Row): SeenDecision {
  return { ...decodeDecision(row.row('decision')), seen: new Set(row.texts('seen')) };
}

function decodeDecision(row: Row): PolicyDecision {
  const facts = readStoredAs<Record<string, unknown>>(row.text('facts'), record, () => ({ ...NOTHING_KNOWN }));
  return {
    __typename: 'PolicyDecision',
    id: row.text('id'),
    action: ACTIONS.find((action) => action === row.text('action')) ?? 'export',
    outcome: OUTCOMES.find((outcome) => outcome === row.text('outcome')) ?? 'FORBID',
    ...{ policySetId: row.text('policySetId'), policySetDigest: row.text('policySetDigest') },
    ...{ resourceId: row.text('resourceId'), resourceUrn: row.text('resourceUrn'), actorId: row.text('actorId') },
    subjects: readStoredAs<DigestedSubject[]>(row.text('subjects'), storedSubjects, () => []),
    subjectsDigest: row.text('subjectsDigest'),
    facts: facts as unknown as Facts,
    factsDigest: row.text('factsDigest'),
    given: readStoredAs<Record<string, unknown>>(row.text('given'), record, () => ({})),
    findings: readStoredAs(row.text('findings'), storedFindings, () => []),
    reasons: row.texts('reasons'),
    witnesses: readStoredAs<Witness[]>(row.text('witnesses'), storedWitnesses, () => []),
    engine: row.text('engine'),
    ...{ validAt: row.time('validAt'), decidedAt: row.time('decidedAt') },
    ...{ allowedId: row.maybeText('allowedId'), approvalId: row.maybeText('approvalId') },
    breakGlassId: row.maybeText('breakGlassId'),
  };
}
