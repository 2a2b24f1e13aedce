/**
 * Launchers this server does not have, with jobs that nobody has looked at since a time. Whoever has the launcher looks at the
 * longest due of its jobs every half minute at least, and puts off when they are due: where even the last one due has
 * been so for longer, there is nobody.
 */
export const STRANDED_LAUNCHERS = `// training.strandedLaunchers
MATCH (j:TrainingJob) WHERE j.launcher IS NOT NULL AND j.dueAt IS NOT NULL
WITH j.launcher AS launcher, max(j.dueAt) AS lastDue, count(j) AS jobs
WHERE lastDue < $before AND NOT launcher IN $known
RETURN launcher, jobs ORDER BY launcher`;

/** Those of the launcher that were never handed over; the cancelled ones first. */
export const STRANDED_UNSUBMITTED = `// training.strandedUnsubmitted
MATCH (j:TrainingJob) WHERE j.launcher = $launcher AND j.dueAt < $before AND j.state = 'PENDING'
WITH j ORDER BY j.cancelRequestedAt IS NULL, j.dueAt LIMIT $limit
RETURN properties(j) AS job`;

/** Says at jobs why they wait, where it is not said yet; not a revision, for nothing of the job changed. One that somebody took meanwhile is left alone. */
export const TELL_STRANDED = `// training.tellStranded
MATCH (j:TrainingJob) WHERE j.launcher = $launcher AND j.dueAt < $before
WITH j, CASE j.state WHEN 'PENDING' THEN $unsubmitted ELSE $submitted END AS said
WHERE coalesce(j.observationError, '') <> said
WITH j, said LIMIT $limit
SET j.lockedAt = $now
REMOVE j.lockedAt
WITH j, said, properties(j) AS locked WHERE locked.dueAt < $before
SET j.observationError = said
RETURN count(j) AS told`;
