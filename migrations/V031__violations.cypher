// Violations of policies by what serves (ADR 73), and how they are found: what is to be decided again waits as a check of a deployment, and one
// server at a time takes the checks. Of a deployment and a policy one violation is open: `openOn` is there as long as it is.
CREATE CONSTRAINT violation_id IF NOT EXISTS FOR (v:Violation) REQUIRE v.id IS UNIQUE;
CREATE CONSTRAINT violation_open IF NOT EXISTS FOR (v:Violation) REQUIRE (v.openOn, v.policy) IS UNIQUE;
CREATE INDEX violation_deployment IF NOT EXISTS FOR (v:Violation) ON (v.deploymentId, v.id);
CREATE CONSTRAINT policy_check_id IF NOT EXISTS FOR (c:PolicyCheck) REQUIRE c.id IS UNIQUE;
CREATE INDEX policy_check_due IF NOT EXISTS FOR (c:PolicyCheck) ON (c.dueAt, c.id);
CREATE INDEX policy_check_deployment IF NOT EXISTS FOR (c:PolicyCheck) ON (c.deploymentId);
CREATE CONSTRAINT policy_watch_key IF NOT EXISTS FOR (w:PolicyWatch) REQUIRE w.key IS UNIQUE;
MERGE (:PolicyWatch {key: 'policies'});
