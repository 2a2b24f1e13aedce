// By what near twins of an asset are found: names that differ in case, in a "/" at the end, or in letters that look alike. The program
// puts the keys to what is there already after this, with the one spelling of names (src/catalog/twins/spellings-of-all.ts).
CREATE INDEX asset_folded_key IF NOT EXISTS FOR (a:Asset) ON (a.foldedKey);
CREATE INDEX asset_skeleton_key IF NOT EXISTS FOR (a:Asset) ON (a.skeletonKey);
