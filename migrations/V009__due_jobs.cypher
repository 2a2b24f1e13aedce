// Workers take the jobs that are due, of one launcher after the other, and never look at those that ended: these have no
// `dueAt`. Jobs that are open now are due at once.
CREATE INDEX job_due IF NOT EXISTS FOR (j:TrainingJob) ON (j.launcher, j.dueAt);
MATCH (j:TrainingJob) WHERE j.state IN ['PENDING', 'SUBMITTING', 'QUEUED', 'STARTING', 'RUNNING', 'CANCELLING'] AND j.dueAt IS NULL
SET j.dueAt = j.createdAt, j.leaseUntil = null, j.leaseOwner = null;
// Steps of the history say of which attempt they are: each that began another said so.
MATCH (s:JobTransition)-[:TRANSITION_OF]->(j:TrainingJob) WHERE s.attempt IS NULL
CALL (s, j) {
  MATCH (begun:JobTransition)-[:TRANSITION_OF]->(j) WHERE begun.seq <= s.seq AND left(begun.cause, 8) = 'attempt '
  WITH s, count(begun) AS retries
  SET s.attempt = 1 + retries
} IN TRANSACTIONS OF 10000 ROWS;
