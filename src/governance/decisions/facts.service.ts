import { createHash } from 'node:crypto';
import type { Statements } from '../../neo4j/statements.js';
import { canonicalJson } from '../../audit/record/canonical-json.js';
import { type Cover, coverFacts } from '../break-glass/break-glass.js';
import { coverOf } from '../break-glass/break-glass.repository.js';
import type { ClearanceFacts, Clearances } from '../clearance/clearances.js';
import type { Action, Facts } from '../policies/facts.js';
import { approvalFacts, type PolicyApproval, subjectOf } from './approval.js';
import type { ApprovalRepository } from './approval.repository.js';
import { type DigestedSubject, MOST_WITNESSES, type PolicyQuestion, type Subject, type Witness } from './decision.js';
import type { Evaluations, FactsRepository, GraphFacts, VersionFacts } from './facts.repository.js';
import type { FactOrigin, LabelFacts, LabelsOfInputs } from './label-facts.port.js';

/** A question with who asks it. */
export type Asked = Omit<PolicyQuestion, 'resource'> & { resourceId: string; requesterId: string };

/** What was found. */
export interface Gathered {
  facts: Facts;
  subjects: DigestedSubject[];
  subjectsDigest: string;
  codeAuthors: readonly string[] | null;
  /** The emergency that covers it; null: none does. */
  breakGlassId: string | null;
  /** Where facts come from, each with the version, or the run, at which it enters. */
  origins: readonly FactOrigin[];
  versionIds: readonly string[];
  /** What was asked and granted for the same before, the newest first. */
  approvals: readonly PolicyApproval[];
}

/** What of the graph tells something about versions, and the rest that a question needs, as it was read. */
interface Read {
  graph: GraphFacts;
  labels: LabelsOfInputs;
  place: ClearanceFacts;
  cover: Cover;
  /** Of the model that it is about; null: it is about none. */
  evaluations: Evaluations | null;
  approvals: readonly PolicyApproval[];
}

/** SHA-256 over a value as canonical JSON. */
export const sha256Of = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

/** Makes the facts of a question, from all there is at this moment: nothing is kept from before. */
export class FactsGatherer {
  constructor(
    private readonly rows: FactsRepository,
    private readonly labels: LabelFacts,
    private readonly clearances: Clearances,
    private readonly approvals: ApprovalRepository,
  ) {}

  /** All of it is asked for together: within a transaction that is one trip to the database. */
  async gather(statements: Statements, asked: Asked, now: Date): Promise<Gathered> {
    const inside = asked.subjects.filter(({ part }) => part === 'INPUT' || part === 'MODEL_VERSION');
    const versionIds = [...new Set(inside.flatMap(({ versionId }) => versionId ?? []))];
    return gatheredOf(asked, versionIds, await this.read(statements, asked, { versionIds, now }), now);
  }

  private async read(
    statements: Statements,
    asked: Asked,
    { versionIds, now }: { versionIds: readonly string[]; now: Date },
  ): Promise<Read> {
    const { action, requesterId, resourceId, given } = asked;
    const [modelId] = isOfModel(action) ? versionIds : [];
    const [graph, labels, place, cover, evaluations, approvals] = await Promise.all([
      this.rows.gather(statements, { versionIds, ...assetsOf(asked) }, now),
      ofWholeAsset(action)
        ? this.labels.ofAsset(statements, resourceId, now)
        : this.labels.of(statements, versionIds, targetOf(asked), now),
      this.clearances.of(statements, {
        ...{ action, requesterId, launcher: given.launcher, environment: given.environment },
      }),
      coverOf(statements, { actorId: requesterId, assetId: resourceId, action }, now),
      modelId === undefined ? null : this.rows.evaluations(statements, modelId, now),
      this.approvals.of(statements, subjectOf(action, resourceId)),
    ]);
    return { graph, labels, place, cover, evaluations, approvals };
  }

  /** The digest over the subjects as they are now: an approval is of no other. */
  async digestNow(statements: Statements, subjects: readonly Subject[], now: Date): Promise<string> {
    const versionIds = subjects.flatMap(({ versionId }) => versionId ?? []);
    const assetIds = subjects.filter(({ versionId }) => versionId === null).map(({ assetId }) => assetId);
    const graph = await this.rows.gather(statements, { versionIds, assetIds, codeIds: [] }, now);
    return subjectsDigestOf(subjects.map((subject) => ({ ...subject, digest: digestOf(subject, graph) })));
  }

  /** The ways by which those facts came about that the policies in the way read. */
  async witnesses(
    statements: Statements,
    gathered: Gathered,
    read: ReadonlySet<string>,
    now: Date,
  ): Promise<Witness[]> {
    const isRead = (fact: string): boolean =>
      [...read].some((each) => each === fact || each.startsWith(`${fact}.`) || fact.startsWith(`${each}.`));
    const wanted = gathered.origins.filter(({ fact }) => isRead(fact)).slice(0, MOST_WITNESSES);
    const hasWay = gathered.versionIds.length > 0;
    const free = wanted.filter(({ way }) => way === undefined);
    const far = hasWay ? free.filter(({ at }) => !gathered.versionIds.includes(at)) : [];
    const near = free.flatMap(({ fact, at, assetId }): Witness[] =>
      assetId === null || far.some((each) => each.at === at)
        ? []
        : [{ fact, steps: [{ kind: at === assetId ? 'ASSET' : 'VERSION', id: at, assetId }] }],
    );
    const ends = far.map(({ fact, at }) => ({ fact, at }));
    return [
      ...near,
      ...(await this.rows.witnesses(statements, gathered.versionIds, ends, now)),
      // Along columns, and through grants, the shortest way may be none that the label came.
      ...(await this.rows.ways(statements, wanted)),
    ];
  }
}

/** The facts of a question, from what was read for it. */
function gatheredOf(asked: Asked, versionIds: readonly string[], read: Read, now: Date): Gathered {
  const { graph, labels, cover, evaluations, approvals } = read;
  const { launcher: _, ...given } = asked.given;
  const subjects = asked.subjects.map((subject) => ({ ...subject, digest: digestOf(subject, graph) }));
  const subjectsDigest = subjectsDigestOf(subjects);
  // Where no code is to run, nobody wrote it.
  const codeAuthors = graph.codeAuthors ?? (ofWholeAsset(asked.action) ? [] : null);
  const versions = versionIds.flatMap((id) => graph.versions.get(id) ?? []);
  const approved = approvalFacts(approvals, { requesterId: asked.requesterId, codeAuthors, subjectsDigest, now });
  const [model] = isOfModel(asked.action) ? versions : [];
  const about = model ? modelFacts(model, { graph, evaluations, now }) : {};
  const purpose = graph.assets.get(asked.resourceId)?.purpose;
  const known: Omit<Facts, 'unknown'> = {
    ...(asked.action === 'deployModel' && purpose ? { purpose } : {}),
    ...read.place,
    requester: asked.requesterId,
    ...(codeAuthors ? { codeAuthors, approvals: approved } : {}),
    labels: labels.labels,
    ...(labels.writeDown ? { writeDown: labels.writeDown } : {}),
    ...(ofWholeAsset(asked.action) ? {} : { inputs: inputFacts(versions, now) }),
    ...given,
    orphans: orphansAmong(versions, graph),
    ...about,
    breakGlass: coverFacts(cover, now),
  };
  return {
    ...{ facts: { ...known, unknown: [...labels.unknown] }, subjects, subjectsDigest, codeAuthors, versionIds },
    ...{ approvals, breakGlassId: cover.open?.id ?? null },
    origins: [...labels.origins, ...originsOf(versions, graph, model ? evaluations : null)],
  };
}

const isOfModel = (action: Action): boolean => action === 'deployModel' || action === 'publishModelVersion';

/** What is to come of an asset, or to leave with it, is labelled as all of it together: more is never left out. */
function ofWholeAsset(action: Action): boolean {
  return action !== 'launchTraining' && action !== 'deployModel';
}

function subjectsDigestOf(subjects: readonly DigestedSubject[]): string {
  return sha256Of(subjects.map(({ part, versionId, assetId, digest }) => [part, versionId ?? assetId, digest]));
}

function assetsOf({ action, subjects }: Asked): { assetIds: string[]; codeIds: string[] } {
  const assets = subjects.filter(({ versionId }) => versionId === null);
  return {
    assetIds: [...new Set(assets.map(({ assetId }) => assetId))],
    codeIds:
      action === 'launchTraining' ? assets.filter(({ part }) => part === 'RESOURCE').map(({ assetId }) => assetId) : [],
  };
}

function orphansAmong(versions: readonly VersionFacts[], { assets }: GraphFacts): number {
  const of = versions.filter(({ isOwned }) => !isOwned).map(({ assetId }) => assetId);
  return new Set([...of, ...[...assets.values()].filter(({ isOwned }) => !isOwned).map(({ id }) => id)]).size;
}

/** What is not there any more has the digest of nothing: no approval is of it. */
function digestOf({ versionId, assetId, content }: Subject, { versions, assets }: GraphFacts): string {
  if (content !== undefined) return content;
  const found = versionId === null ? assets.get(assetId) : versions.get(versionId);
  return found?.contentDigest ?? sha256Of(null);
}

function inputFacts(versions: readonly VersionFacts[], now: Date): NonNullable<Facts['inputs']> {
  const ages = versions.flatMap(({ checkedAt }) => (checkedAt ? [(now.getTime() - checkedAt.getTime()) / 1_000] : []));
  return {
    count: versions.length,
    unpinned: versions.filter(({ digest }) => digest === null).length,
    qualityFailed: versions.filter(({ failed }) => failed > 0).length,
    qualityUnchecked: versions.filter(({ tests }) => tests === 0).length,
    ...(ages.length > 0 ? { oldestQualitySeconds: Math.max(0, Math.ceil(Math.max(...ages))) } : {}),
  };
}

function modelFacts(
  version: VersionFacts,
  { graph, evaluations, now }: { graph: GraphFacts; evaluations: Evaluations | null; now: Date },
): Pick<Facts, 'modelCard' | 'model' | 'tier' | 'contaminated'> {
  const secondsSince = (time: Date): number => Math.max(0, Math.ceil((now.getTime() - time.getTime()) / 1_000));
  const [evaluatedAt, shared] = [evaluations?.evaluatedAt ?? null, evaluations?.shared ?? null];
  return {
    modelCard: { missing: version.cardLacks },
    ...(version.tier === null ? {} : { tier: version.tier }),
    ...(shared === null ? {} : { contaminated: shared.length > 0 }),
    model: {
      ageSeconds: secondsSince(version.createdAt),
      ...(evaluatedAt === null ? {} : { evaluationAgeSeconds: secondsSince(evaluatedAt) }),
      baseRetired: graph.retiredBases.length > 0,
    },
  };
}

/** What may declare less than what goes in: what comes of it, else the version that it is about, else the asset. */
function targetOf({ subjects, resourceId }: Asked): string {
  const found = (part: Subject['part']) => subjects.find((each) => each.part === part);
  return found('OUTPUT')?.assetId ?? found('MODEL_VERSION')?.versionId ?? resourceId;
}

function originsOf(
  versions: readonly VersionFacts[],
  graph: GraphFacts,
  evaluations: Evaluations | null,
): Gathered['origins'] {
  const of = (fact: string, holds: (version: VersionFacts) => boolean) =>
    versions.filter(holds).map(({ id, assetId }) => ({ fact, at: id, assetId }));
  return [
    ...of('inputs.unpinned', ({ digest }) => digest === null),
    ...of('inputs.qualityFailed', ({ failed }) => failed > 0),
    ...of('inputs.qualityUnchecked', ({ tests }) => tests === 0),
    ...of('orphans', ({ isOwned }) => !isOwned),
    ...(evaluations?.shared ?? []).map(({ id, assetId }) => ({ fact: 'contaminated', at: id, assetId })),
    ...graph.retiredBases.map(({ id, assetId }) => ({ fact: 'model.baseRetired', at: id, assetId })),
  ];
}
