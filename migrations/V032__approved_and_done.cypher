// What was approved goes on by itself (ADR 72): what is due is found by its time.
CREATE INDEX policy_approval_due IF NOT EXISTS FOR (a:PolicyApproval) ON (a.dueAt);
