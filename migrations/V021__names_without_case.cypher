// Handles, and names of teams and of service accounts, are told apart without case: by `nameKey`, which is folded as
// src/principals/accounts/fold-case.ts does. Where a graph holds two that are now one, the oldest has the key; the others stay as
// they are, with `twinOf` in its place, and get it once the one before is renamed. Which they are is told after the migrations.
MATCH (u:User)
WITH normalize(replace(toLower(toUpper(normalize(u.handle, NFKC))), 'ς', 'σ'), NFKC) AS key, u ORDER BY u.createdAt, u.id
WITH key, collect(u) AS same
UNWIND range(0, size(same) - 1) AS place
WITH key, same[place] AS u, place
CALL (u, key, place) {
  SET u.nameKey = CASE WHEN place = 0 THEN key END, u.twinOf = CASE WHEN place > 0 THEN key END
} IN TRANSACTIONS OF 5000 ROWS;
MATCH (t:Team)
WITH normalize(replace(toLower(toUpper(normalize(t.name, NFKC))), 'ς', 'σ'), NFKC) AS key, t ORDER BY t.createdAt, t.id
WITH key, collect(t) AS same
UNWIND range(0, size(same) - 1) AS place
WITH key, same[place] AS t, place
CALL (t, key, place) {
  SET t.nameKey = CASE WHEN place = 0 THEN key END, t.twinOf = CASE WHEN place > 0 THEN key END
} IN TRANSACTIONS OF 5000 ROWS;
MATCH (s:ServiceAccount)
WITH normalize(replace(toLower(toUpper(normalize(s.name, NFKC))), 'ς', 'σ'), NFKC) AS key, s ORDER BY s.createdAt, s.id
WITH key, collect(s) AS same
UNWIND range(0, size(same) - 1) AS place
WITH key, same[place] AS s, place
CALL (s, key, place) {
  SET s.nameKey = CASE WHEN place = 0 THEN key END, s.twinOf = CASE WHEN place > 0 THEN key END
} IN TRANSACTIONS OF 5000 ROWS;
// What a person was called before is kept from now on, so it is written to what is kept already.
MATCH (past:PrincipalPast)-[:PAST_OF]->(u:User) WHERE past.handle IS NULL
CALL (past, u) { SET past.handle = u.handle } IN TRANSACTIONS OF 5000 ROWS;
CREATE CONSTRAINT user_name_key IF NOT EXISTS FOR (u:User) REQUIRE u.nameKey IS UNIQUE;
CREATE CONSTRAINT team_name_key IF NOT EXISTS FOR (t:Team) REQUIRE t.nameKey IS UNIQUE;
CREATE CONSTRAINT service_account_name_key IF NOT EXISTS FOR (s:ServiceAccount) REQUIRE s.nameKey IS UNIQUE;
CREATE INDEX principal_twin IF NOT EXISTS FOR (p:Principal) ON (p.twinOf);
// A retired team whose name was released is still called so, beside a new one of that name.
DROP CONSTRAINT team_name IF EXISTS;
CREATE INDEX team_called IF NOT EXISTS FOR (t:Team) ON (t.name);
