// The words by which an asset is found are our own (src/catalog/text/tokens.ts), so the index leaves them alone: no stop words, no
// language, nothing folded. The program puts them to what is there already after this (src/catalog/search/words-of-all.ts).
// With the id, so that hits can be looked for among the assets of a range.
DROP INDEX asset_search IF EXISTS;
CREATE FULLTEXT INDEX asset_search IF NOT EXISTS
FOR (a:Asset) ON EACH [a.nameTokens, a.tagTokens, a.fieldTokens, a.namespaceTokens, a.descriptionTokens, a.id]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace', `fulltext.eventually_consistent`: true}};
// What has changed since the first page of a search was read.
CREATE INDEX asset_updated IF NOT EXISTS FOR (a:Asset) ON (a.updatedAt);
// The words of before, which nothing reads any more.
MATCH (a:Asset|AssetRevision) WHERE a.nameWords IS NOT NULL
CALL (a) {
  REMOVE a.nameWords, a.fieldWords
} IN TRANSACTIONS OF 5000 ROWS;
