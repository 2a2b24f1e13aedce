// Policies (ADR 70): sets of them, which one is active, what was decided by them, and what waits for the word of a person. The gates are
// how a decision and a change of what it is decided by wait for one another: a decision holds one of them, a change all.
CREATE CONSTRAINT policy_set_id IF NOT EXISTS FOR (s:PolicySet) REQUIRE s.id IS UNIQUE;
CREATE CONSTRAINT policy_set_digest IF NOT EXISTS FOR (s:PolicySet) REQUIRE s.digest IS UNIQUE;
CREATE CONSTRAINT policy_decision_id IF NOT EXISTS FOR (d:PolicyDecision) REQUIRE d.id IS UNIQUE;
CREATE INDEX policy_decision_allowed IF NOT EXISTS FOR (d:PolicyDecision) ON (d.allowedId, d.id);
CREATE CONSTRAINT policy_approval_id IF NOT EXISTS FOR (a:PolicyApproval) REQUIRE a.id IS UNIQUE;
CREATE INDEX policy_approval_subject IF NOT EXISTS FOR (a:PolicyApproval) ON (a.subject, a.id);
CREATE CONSTRAINT policy_state_key IF NOT EXISTS FOR (s:PolicyState) REQUIRE s.key IS UNIQUE;
CREATE CONSTRAINT policy_gate_number IF NOT EXISTS FOR (g:PolicyGate) REQUIRE g.number IS UNIQUE;
MERGE (:PolicyState {key: 'policies'});
UNWIND range(0, 15) AS number MERGE (:PolicyGate {number: number});
