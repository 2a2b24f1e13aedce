// A namespace has a visibility that its assets inherit unless they have one of their own. What an asset had so far was
// set on it, so it stays set: nothing that is hidden now may open by a namespace, and nothing open may vanish.
CREATE CONSTRAINT namespace_name IF NOT EXISTS FOR (n:Namespace) REQUIRE n.name IS UNIQUE;
CREATE CONSTRAINT namespace_id IF NOT EXISTS FOR (n:Namespace) REQUIRE n.id IS UNIQUE;
MATCH (a:Asset) WHERE a.ownVisibility IS NULL
CALL (a) { SET a.ownVisibility = a.visibility } IN TRANSACTIONS OF 10000 ROWS;
MATCH (r:AssetRevision) WHERE r.ownVisibility IS NULL
CALL (r) { SET r.ownVisibility = r.visibility } IN TRANSACTIONS OF 10000 ROWS;
MATCH (a:Asset)
WITH DISTINCT a.namespace AS name
CALL (name) { MERGE (n:Namespace {name: name}) ON CREATE SET n:Node, n.id = randomUUID() } IN TRANSACTIONS OF 1000 ROWS;

// A namespace that changes looks for the assets that do not follow it yet.
CREATE INDEX asset_namespace_visibility IF NOT EXISTS FOR (a:Asset) ON (a.namespace, a.visibility);

// Offers of ownership, and what orphaned assets are found by: owners that are disabled.
CREATE CONSTRAINT ownership_offer_id IF NOT EXISTS FOR (o:OwnershipOffer) REQUIRE o.id IS UNIQUE;
CREATE INDEX principal_disabled IF NOT EXISTS FOR (p:Principal) ON (p.disabledAt);
