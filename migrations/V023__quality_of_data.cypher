// The same result that is reported again is found by what it says, and adds nothing: the constraint decides between two that report it
// at once. The key begins with when it was measured, so that an index with it gives the results of a version, or of a data set, newest first.
CREATE CONSTRAINT quality_result_key IF NOT EXISTS FOR (q:QualityResult) REQUIRE q.key IS UNIQUE;
CREATE CONSTRAINT quality_result_id IF NOT EXISTS FOR (q:QualityResult) REQUIRE q.id IS UNIQUE;
CREATE INDEX quality_of_version IF NOT EXISTS FOR (q:QualityResult) ON (q.versionId, q.key);
CREATE INDEX quality_of_dataset IF NOT EXISTS FOR (q:QualityResult) ON (q.assetId, q.key);
