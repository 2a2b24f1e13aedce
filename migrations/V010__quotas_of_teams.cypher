// A team has at most one quota for all launchers and one for each launcher: the constraint decides between two that are set
// at once. What a quota has used is read from the jobs charged to the team, never counted beside them, so it cannot go wrong:
// the open ones by their state, those that ended by the time of their end.
CREATE CONSTRAINT quota_key IF NOT EXISTS FOR (q:TeamQuota) REQUIRE q.key IS UNIQUE;
CREATE INDEX quota_team IF NOT EXISTS FOR (q:TeamQuota) ON (q.teamId);
CREATE INDEX job_team_state IF NOT EXISTS FOR (j:TrainingJob) ON (j.teamId, j.state);
CREATE INDEX job_team_end IF NOT EXISTS FOR (j:TrainingJob) ON (j.teamId, j.endedAt);
