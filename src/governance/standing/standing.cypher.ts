import { sought } from '../../neo4j/sought.js';

/** What whoever asked knew, and the graph does not, as the decision kept it that let it through; null: none was kept. */
const givenOf = (id: string): string =>
  `head(COLLECT { MATCH (k:PolicyDecision) WHERE k.allowedId = ${id} AND k.id > '' RETURN k.given ORDER BY k.id DESC LIMIT 1 })`;

/** An emergency let it through, and nobody has found yet that it was justified. */
const OWES_WORD = `EXISTS { MATCH (k:PolicyDecision) WHERE k.allowedId = r.id AND k.id > '' AND k.breakGlassId IS NOT NULL
    AND NOT EXISTS { MATCH (b:BreakGlass {id: k.breakGlassId}) WHERE b.verdict = 'JUSTIFIED' } }`;

const DEPLOYMENT = `MATCH (d:Asset) ${sought('d:Asset', 'id', 'r.liveOf')}
RETURN d.id AS id, d.urn AS urn, d.environment AS environment, r.id AS releaseId, r.modelId AS modelId,
  r.modelVersionId AS modelVersionId, r.releasedById AS releasedById, ${OWES_WORD} AS owesWord, ${givenOf('r.id')} AS given ORDER BY id`;

/** What serves, in order of the deployments. */
export const LIVE_DEPLOYMENTS = `// governance.liveDeployments
MATCH (r:Release) WHERE r.liveOf > $behind
WITH r ORDER BY r.liveOf LIMIT $limit
${DEPLOYMENT}`;

/** What serves on these; a deployment on which nothing does has no row. */
export const LIVE_ON = `// governance.liveOn
UNWIND $ids AS id
MATCH (r:Release {liveOf: id})
${DEPLOYMENT}`;

/** Jobs that wait or run. */
export const OPEN_JOBS = `// governance.openJobs
MATCH (j:TrainingJob) WHERE j.state IN $open AND j.id > $behind
WITH j ORDER BY j.id LIMIT $limit
MATCH (t:Asset) ${sought('t:Asset', 'id', 'j.transformationId')}
RETURN j.id AS id, t.id AS transformationId, t.urn AS urn, j.outputId AS outputId, j.purpose AS purpose, j.launcher AS launcher, j.requestedById AS requestedById,
  COLLECT { UNWIND j.inputIds AS input MATCH (v:Version&Node)-[:VERSION_OF]->(a:Asset) ${sought('v:Node', 'id', 'input')}
    RETURN {versionId: v.id, assetId: a.id} } AS inputs, ${givenOf('j.id')} AS given ORDER BY id`;

/** What waits for the word of a person, or has it and holds. */
export const OPEN_APPROVALS = `// governance.openApprovals
MATCH (p:PolicyApproval) WHERE p.id > $behind AND p.expiresAt > $now AND p.state IN ['REQUESTED', 'APPROVED']
WITH p ORDER BY p.id LIMIT $limit
MATCH (k:PolicyDecision) ${sought('k:PolicyDecision', 'id', 'p.decisionId')}
RETURN p.id AS id, k.action AS action, k.resourceId AS resourceId, k.resourceUrn AS urn, k.actorId AS requestedById,
  k.subjects AS subjects, k.given AS given ORDER BY id`;
