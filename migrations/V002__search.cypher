// What people type finds an asset by its name (also by the words inside it: fct_orders, churnModel), description, tags,
// namespace and field names. Written with the asset in the same transaction, so a write is visible to the next search.
// Folding lets "peng" find "péng".
CREATE FULLTEXT INDEX asset_search IF NOT EXISTS
FOR (a:Asset) ON EACH [a.name, a.nameWords, a.description, a.tags, a.namespace, a.fieldNames, a.fieldWords]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'standard-folding', `fulltext.eventually_consistent`: false}};
