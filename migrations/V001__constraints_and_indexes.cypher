// Uniqueness is a constraint's work: a write creates, and the constraint decides a race. Every lookup has its index.
// `Node` is on everything the API can address by id, so that ids are unique across kinds.
CREATE CONSTRAINT node_id IF NOT EXISTS FOR (n:Node) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT asset_id IF NOT EXISTS FOR (a:Asset) REQUIRE a.id IS UNIQUE;
// A urn can be longer than an index key may be (8 kB), so it is found by its SHA-256. Old names stay as aliases.
CREATE CONSTRAINT alias_key IF NOT EXISTS FOR (a:Alias) REQUIRE a.key IS UNIQUE;
CREATE INDEX asset_namespace IF NOT EXISTS FOR (a:Asset) ON (a.namespace);
CREATE CONSTRAINT field_key IF NOT EXISTS FOR (f:Field) REQUIRE f.key IS UNIQUE;
CREATE CONSTRAINT version_key IF NOT EXISTS FOR (v:Version) REQUIRE v.key IS UNIQUE;
CREATE CONSTRAINT revision_key IF NOT EXISTS FOR (r:AssetRevision) REQUIRE r.key IS UNIQUE;

// At most one release serves on a deployment: `liveOf` is its id while the release lives, and is removed when it ends.
CREATE CONSTRAINT release_live IF NOT EXISTS FOR (r:Release) REQUIRE r.liveOf IS UNIQUE;

// Principals.
CREATE CONSTRAINT principal_id IF NOT EXISTS FOR (p:Principal) REQUIRE p.id IS UNIQUE;
CREATE CONSTRAINT user_handle IF NOT EXISTS FOR (u:User) REQUIRE u.handle IS UNIQUE;
CREATE CONSTRAINT team_name IF NOT EXISTS FOR (t:Team) REQUIRE t.name IS UNIQUE;
CREATE CONSTRAINT token_id IF NOT EXISTS FOR (t:ApiToken) REQUIRE t.id IS UNIQUE;

// Work. One job for one idempotency key of one principal.
CREATE CONSTRAINT job_request IF NOT EXISTS FOR (j:TrainingJob) REQUIRE j.requestKey IS UNIQUE;
CREATE INDEX job_state IF NOT EXISTS FOR (j:TrainingJob) ON (j.state);
CREATE CONSTRAINT job_id IF NOT EXISTS FOR (j:TrainingJob) REQUIRE j.id IS UNIQUE;
CREATE CONSTRAINT transition_key IF NOT EXISTS FOR (t:JobTransition) REQUIRE t.key IS UNIQUE;

// Access and audit.
CREATE CONSTRAINT access_request_id IF NOT EXISTS FOR (r:AccessRequest) REQUIRE r.id IS UNIQUE;
CREATE CONSTRAINT access_grant_id IF NOT EXISTS FOR (g:AccessGrant) REQUIRE g.id IS UNIQUE;
CREATE INDEX access_grant_grantee IF NOT EXISTS FOR (g:AccessGrant) ON (g.granteeId);
CREATE CONSTRAINT audit_id IF NOT EXISTS FOR (e:AuditEntry) REQUIRE e.id IS UNIQUE;
CREATE INDEX audit_target IF NOT EXISTS FOR (e:AuditEntry) ON (e.targetId);
CREATE INDEX audit_actor IF NOT EXISTS FOR (e:AuditEntry) ON (e.actorId);
CREATE INDEX audit_at IF NOT EXISTS FOR (e:AuditEntry) ON (e.at);

// One node of settings of this installation, made once by whoever comes first.
CREATE CONSTRAINT installation_key IF NOT EXISTS FOR (i:Installation) REQUIRE i.key IS UNIQUE;
