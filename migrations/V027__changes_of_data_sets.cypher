// What producers say became of data sets (created, overwritten, renamed, dropped …): of a run each change once. They are found by the
// data set, newest first, by the run that made them, and by what the data set was called before.
CREATE CONSTRAINT dataset_change_key IF NOT EXISTS FOR (c:DatasetChange) REQUIRE c.key IS UNIQUE;
CREATE INDEX dataset_change_asset IF NOT EXISTS FOR (c:DatasetChange) ON (c.assetId, c.place);
CREATE INDEX dataset_change_run IF NOT EXISTS FOR (c:DatasetChange) ON (c.runId);
CREATE INDEX dataset_change_from IF NOT EXISTS FOR (c:DatasetChange) ON (c.fromKey);
