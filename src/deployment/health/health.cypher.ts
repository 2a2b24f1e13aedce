import { sought } from '../../neo4j/sought.js';

/**
 * Written every few seconds and read beside the asset: a node of its own, found by its constraint, so that neither the asset
 * nor what hangs on it is locked. It is locked itself, so that of two reports the second sees the state the first left.
 */
export const BEAT = `// deployment.beat
MERGE (h:DeploymentHealth {deploymentId: $deploymentId})
SET h.lockedAt = $now
REMOVE h.lockedAt
WITH h, h.state AS before, h.since AS since
OPTIONAL MATCH (r:Release) ${sought('r:Release', 'liveOf', '$deploymentId')}
SET h += $beat, h.at = $now, h.since = CASE WHEN before = $beat.state THEN since ELSE $now END, h.releaseId = r.id
RETURN before, properties(h) AS health`;

/** Not to an auditor session of before it was reported: what was reported until then is not kept. */
export const HEALTH_OF = `// deployment.healthOf
UNWIND $ids AS id
MATCH (h:DeploymentHealth {deploymentId: id}) WHERE $viewer.asOf IS NULL OR h.at <= $viewer.asOf
RETURN properties(h) AS health`;
