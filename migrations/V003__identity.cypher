// People of an identity provider are told apart by issuer and subject: the constraint decides of two first sign-ins at
// the same time. Groups lead to teams at each sign-in, and the guard of the last ADMIN counts by role: both need an index.
CREATE CONSTRAINT user_subject IF NOT EXISTS FOR (u:User) REQUIRE (u.issuer, u.subject) IS UNIQUE;
CREATE INDEX user_role IF NOT EXISTS FOR (u:User) ON (u.role);
CREATE INDEX team_external_group IF NOT EXISTS FOR (t:Team) ON (t.externalGroup);
CREATE CONSTRAINT service_account_name IF NOT EXISTS FOR (s:ServiceAccount) REQUIRE s.name IS UNIQUE;
