import { sought } from '../../neo4j/sought.js';

/** Locks the team, so that of two who set its quotas the second sees what the first did. */
export const LOCK_TEAM = `// quotas.lockTeam
MATCH (t:Team&Principal) ${sought('t:Principal', 'id', '$teamId')}
SET t.lockedAt = $now
REMOVE t.lockedAt
RETURN t.name AS name`;

export const FIND_QUOTA = `// quotas.find
MATCH (q:TeamQuota {key: $key})
RETURN properties(q) AS quota`;

export const WRITE_QUOTA = `// quotas.write
MATCH (t:Team&Principal {id: $quota.teamId})
MERGE (q:TeamQuota {key: $key})
SET q += $quota
MERGE (q)-[:QUOTA_OF]->(t)`;

export const REMOVE_QUOTA = `// quotas.remove
MATCH (q:TeamQuota) ${sought('q:TeamQuota', 'key', '$key')}
DETACH DELETE q`;

const STORED = `q.launcher AS launcher, q.runningGpus AS runningGpus, q.gpuHours AS gpuHours, q.period AS period, q.changedAt AS changedAt,
       q.teamId AS teamId, t.name AS teamName`;

/**
 * Locks the quotas of teams that a launch with the launcher falls under, always in the same order: of two launches for the
 * last GPU the second waits here and then finds it taken.
 */
export const LOCK_QUOTAS = `// quotas.lock
MATCH (q:TeamQuota) WHERE q.teamId IN $teamIds AND (q.launcher IS NULL OR q.launcher = $launcher)
MATCH (q)-[:QUOTA_OF]->(t:Team)
WITH q, t ORDER BY q.key
SET q.lockedAt = $now
REMOVE q.lockedAt
RETURN ${STORED}`;

/** `$launcher` null: those of every launcher. */
export const QUOTAS_OF = `// quotas.of
MATCH (q:TeamQuota) WHERE q.teamId IN $teamIds AND ($launcher IS NULL OR q.launcher IS NULL OR q.launcher = $launcher)
MATCH (q)-[:QUOTA_OF]->(t:Team)
RETURN ${STORED} ORDER BY t.name, q.key`;

export const ALL_QUOTAS = `// quotas.all
MATCH (q:TeamQuota)-[:QUOTA_OF]->(t:Team) WHERE q.teamId > ''
RETURN ${STORED} ORDER BY t.name, q.key LIMIT 1000`;

/** What jobs charged to the teams take. What is open counts now, whenever it was launched; what ended, when it ended. */
export const USE_OF_QUOTAS = `// quotas.use
UNWIND range(0, size($wanted) - 1) AS place
WITH place, $wanted[place] AS wanted
CALL (wanted) {
  MATCH (j:TrainingJob) WHERE j.teamId = wanted.teamId AND j.state IN $open AND (wanted.launcher IS NULL OR j.launcher = wanted.launcher)
  RETURN sum(j.gpus) AS openGpus, sum(toFloat(coalesce(j.reservedGpuSeconds, 0))) AS reserved, sum(toFloat(coalesce(j.gpuSeconds, 0))) AS spent
}
CALL (wanted) {
  MATCH (j:TrainingJob) WHERE j.teamId = wanted.teamId AND j.endedAt >= wanted.from AND (wanted.launcher IS NULL OR j.launcher = wanted.launcher)
  RETURN sum(toFloat(coalesce(j.gpuSeconds, 0))) AS used
}
RETURN place, openGpus, reserved, used + spent AS used`;

/** Which of the ids are teams, with their names. */
export const TEAMS_AMONG = `// quotas.teamsAmong
UNWIND $ids AS id
MATCH (t:Team&Principal {id: id})
RETURN id, t.name AS name`;
