// Two data sets that are one table (ADR 67): what owners are asked, by the pair, and what was set aside.
CREATE CONSTRAINT alias_proposal_id IF NOT EXISTS FOR (p:AliasProposal) REQUIRE p.id IS UNIQUE;
CREATE INDEX alias_proposal_pair IF NOT EXISTS FOR (p:AliasProposal) ON (p.pair);
CREATE CONSTRAINT joined_asset_id IF NOT EXISTS FOR (b:JoinedAsset) REQUIRE b.id IS UNIQUE;
CREATE INDEX joined_asset_namespace IF NOT EXISTS FOR (b:JoinedAsset) ON (b.namespace);
