import type { EventListener } from '../../neo4j/event-listener.js';
import type { MigrationDatabase } from '../../neo4j/migrations/migration-database.js';
import { mapInTurns } from '../../turn.js';
import { partsOfUrn } from '../model/urn.js';
import { searchedTokens, wordsOfNames } from '../text/searched.js';

/** Raise it with every change of tokens.ts or searched.ts: then all words are made anew at the next start. */
const RULES = 2n;
const PORTION = 500;
const TELL_EVERY_MS = 5_000;

const READ_RULES = `// search.readRules
MATCH (s:SearchIndex {name: 'asset_search'}) RETURN s.rules AS rules`;
const WRITE_RULES = `// search.writeRules
MERGE (s:SearchIndex {name: 'asset_search'}) SET s.rules = $p.rules`;

/** What is kept, and by what each is found. */
const KEPT = { Asset: 'id', AssetRevision: 'key', JoinedAsset: 'id' } as const;
type Kept = keyof typeof KEPT;

const read = (label: Kept): string => `// search.readTexts${label}
MATCH (a:${label}) WHERE a.${KEPT[label]} > $p.after
WITH a ORDER BY a.${KEPT[label]} LIMIT $p.portion
RETURN a.${KEPT[label]} AS key, a.name AS name, a.namespace AS namespace, a.description AS description,
  coalesce(a.symlinks, []) + CASE WHEN a:Asset THEN COLLECT { MATCH (b:JoinedAsset)-[:JOINED_INTO]->(a) RETURN b.urn } ELSE [] END AS others,
  coalesce(a.tags, []) AS tags, coalesce(a.fieldNames, []) AS fieldNames`;

const write = (label: Kept): string => `// search.writeTokens${label}
UNWIND $p.rows AS row
MATCH (a:${label} {${KEPT[label]}: row.key}) SET a += row.tokens`;

interface Texts {
  key: string;
  name: string;
  namespace: string;
  description: string | null;
  tags: string[];
  fieldNames: string[];
  /** Urns by which it is known besides. */
  others: string[];
}

/** Whether all assets have the words by which they are found, by the rules of this version. */
export async function hasWordsOfAll(graph: MigrationDatabase): Promise<boolean> {
  return (await rulesIn(graph)) === RULES;
}

/**
 * Puts to all assets and their revisions the words by which they are found, unless that was done by the rules of this version. After
 * the migrations: servers of an earlier version, which do not write them, have begun to stop.
 */
export async function writeWordsOfAll(graph: MigrationDatabase, onEvent: EventListener): Promise<void> {
  if ((await rulesIn(graph)) === RULES) return;
  for (const label of ['Asset', 'AssetRevision', 'JoinedAsset'] as const) await writeWords(graph, label, onEvent);
  await graph.run(WRITE_RULES, { p: { rules: RULES } });
}

const rulesIn = async (graph: MigrationDatabase): Promise<unknown> => (await graph.run(READ_RULES))[0]?.['rules'];

async function writeWords(graph: MigrationDatabase, label: Kept, onEvent: EventListener): Promise<void> {
  let [after, done, toldAt] = ['', 0, performance.now()];
  for (;;) {
    const texts = (await graph.run(read(label), { p: { after, portion: BigInt(PORTION) } })) as unknown as Texts[];
    const rows = await mapInTurns(texts, async ({ key, others, ...each }) => ({
      key,
      tokens: { ...(await searchedTokens(each)), ...wordsOfNames([each, ...others.map(partsOfUrn)]) },
    }));
    if (rows.length > 0) await graph.run(write(label), { p: { rows } });
    done += rows.length;
    after = rows.at(-1)?.key ?? after;
    if (rows.length < PORTION) return;
    if (performance.now() - toldAt < TELL_EVERY_MS) continue;
    toldAt = performance.now();
    onEvent(`Words of the search: ${done} of label ${label} done.`, 'info');
  }
}
