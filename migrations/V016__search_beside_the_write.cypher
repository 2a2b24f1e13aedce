// The words of an asset are put into the index beside the write, not within it: a commit does not wait for Lucene. Who
// searches waits until the index has all that was written (db.index.fulltext.awaitEventuallyConsistentIndexRefresh), so
// a write that was answered is found as before.
DROP INDEX asset_search IF EXISTS;
CREATE FULLTEXT INDEX asset_search IF NOT EXISTS
FOR (a:Asset) ON EACH [a.name, a.nameWords, a.description, a.tags, a.namespace, a.fieldNames, a.fieldWords]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'standard-folding', `fulltext.eventually_consistent`: true}};
