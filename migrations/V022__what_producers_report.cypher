// What producers report by OpenLineage: each event of a source once, runs by the id of their producer, facets by what they are of. The
// version that was there when a run began is found by the time at which versions were made.
CREATE CONSTRAINT reported_event_key IF NOT EXISTS FOR (e:ReportedEvent) REQUIRE e.key IS UNIQUE;
CREATE CONSTRAINT reported_facet_key IF NOT EXISTS FOR (f:ReportedFacet) REQUIRE f.key IS UNIQUE;
CREATE INDEX reported_facet_asset IF NOT EXISTS FOR (f:ReportedFacet) ON (f.assetId);
CREATE CONSTRAINT run_report_key IF NOT EXISTS FOR (r:Run) REQUIRE r.reportKey IS UNIQUE;
CREATE INDEX run_parent_key IF NOT EXISTS FOR (r:Run) ON (r.parentKey);
MATCH (v:Version) WHERE v.madeAt IS NULL
CALL (v) { SET v.madeAt = v.createdAt } IN TRANSACTIONS OF 5000 ROWS;
CREATE INDEX version_made IF NOT EXISTS FOR (v:Version) ON (v.assetId, v.madeAt);
