import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import type { Row } from '../../neo4j/row.js';
import type { Parameters } from '../../neo4j/statements.js';
import { mapInTurns } from '../../turn.js';
import type { AssetConditions } from '../assets/asset.repository.js';
import type { Asset } from '../model/asset.js';
import { decodeAsset, decodeRevision } from '../model/asset.decode.js';
import { searchedTokens } from '../text/searched.js';
import { bestOfDescriptions, luceneOf, luceneOfNamed, scoreOf, type SearchQuery } from '../text/search-query.js';
import { CrowdedSearches } from './crowded-searches.js';
import * as cypher from './search.cypher.js';

export const SEARCH_ORDERS = ['RELEVANCE', 'NAME', 'UPDATED'] as const;
export type SearchOrder = (typeof SEARCH_ORDERS)[number];

/** An asset that a search finds, and how well: the higher the score, the better. */
export interface FoundAsset {
  asset: Asset;
  fieldNames: string[];
  score: number;
  /** What hits are ordered by beside the score, when the first page was read: the name as the database writes it small, the last change. */
  lowerName: string;
  updatedAt: Date;
}

/** Where a hit stood when the first page was read: by its score, its name in lower case or the time of its last change, then by its id. */
export interface SearchPosition {
  key: number | string | Date;
  id: string;
}

/** What is looked for, and which part of the hits is wanted. */
export interface SearchWindow {
  query: SearchQuery;
  order: SearchOrder;
  limit: number;
  /** Behind which hit, of a search that began when. */
  after: (SearchPosition & { began: Date }) | null;
}

/** A value, and how many of the hits have it. */
interface FacetCount {
  value: string;
  count: number;
}

/** The most frequent values of one kind: kind, namespace, tag, or owner, which has an id for its value. */
export interface SearchFacet {
  name: string;
  buckets: FacetCount[];
}

/** So many hits are looked at before the walk that looks at as few as it can. */
const BEST = 1_000;
/** Assets that a step of the walk looks at; where these do not fill a page, its hits are rare and all are looked at. */
const STEPS = [1_000, 10_000];
/** Below every id. */
const FIRST_ID = '0';
const MOST_VALUES = 50;
const FACETS = ['kind', 'namespace', 'tag', 'owner'] as const;
/** Of an asset as it was; for what is, `FACETS_OF_FOUND` says the same. */
const VALUES: Readonly<Record<(typeof FACETS)[number], (asset: Asset) => readonly string[]>> = {
  kind: ({ kind }) => [kind],
  namespace: ({ namespace }) => [namespace],
  tag: ({ tags }) => tags,
  owner: ({ ownersThen }) => (ownersThen ?? []).map(({ ownerId }) => ownerId),
};

export function positionOf({ asset, score, lowerName, updatedAt }: FoundAsset, order: SearchOrder): SearchPosition {
  const key = { RELEVANCE: score, NAME: lowerName, UPDATED: updatedAt }[order];
  return { key, id: asset.id };
}

/** Finds assets by the words that are kept with them. */
export class SearchRepository extends ActorReads {
  private readonly crowded = new CrowdedSearches();

  /**
   * The hits behind a position, in the order. What changes between the pages of a search stays where it stood at the first, so that each
   * hit comes once; what is new since then, the next search finds.
   */
  async find(actor: Actor, conditions: AssetConditions, window: SearchWindow): Promise<FoundAsset[]> {
    if (actor.readsAsOf) return inWindow(await this.allThen(actor, conditions, window.query), window);
    const found =
      window.order === 'RELEVANCE'
        ? await this.findBest(actor, conditions, window)
        : await this.findOrdered(actor, conditions, window);
    if (window.after === null) return found;
    const changed = await this.changedSince(actor, conditions, window.query, window.after.began);
    return changed.length === 0 ? found : inWindow([...found, ...changed], window);
  }

  async count(actor: Actor, conditions: AssetConditions, query: SearchQuery): Promise<number> {
    if (actor.readsAsOf) return (await this.allThen(actor, conditions, query)).length;
    const rows = await this.read(actor, cypher.COUNT_FOUND, { ...conditions, lucene: luceneOf(query) });
    return rows[0]?.int('total') ?? 0;
  }

  /** The fifty most frequent values of each kind among all hits. */
  async facets(actor: Actor, conditions: AssetConditions, query: SearchQuery): Promise<SearchFacet[]> {
    if (actor.readsAsOf) return facetsOf(await this.allThen(actor, conditions, query));
    const asked = { ...conditions, lucene: luceneOf(query), facets: BigInt(MOST_VALUES) };
    const rows = await this.read(actor, cypher.FACETS_OF_FOUND, asked);
    const found = new Map(rows.map((row) => [row.text('name'), row.rows('buckets')]));
    return FACETS.map((name) => ({
      name,
      buckets: (found.get(name) ?? []).map((each) => ({ value: each.text('value'), count: each.int('count') })),
    }));
  }

  private async findOrdered(actor: Actor, conditions: AssetConditions, window: SearchWindow): Promise<FoundAsset[]> {
    const [statement, afterKey] =
      window.order === 'NAME' ? [cypher.SEARCH_BY_NAME, 'afterName'] : [cypher.SEARCH_BY_UPDATE, 'afterTime'];
    const { after } = window;
    const place = { [afterKey]: after?.key ?? null, afterId: after?.id ?? null };
    return foundIn(await this.read(actor, statement, { ...conditions, ...askedFor(window), ...place }));
  }

  /** What was found when the search began and has changed since, where it stood then. */
  private async changedSince(
    actor: Actor,
    conditions: AssetConditions,
    query: SearchQuery,
    began: Date,
  ): Promise<FoundAsset[]> {
    const rows = await this.read(actor, cypher.SEARCH_CHANGED, { ...conditions, searched: query.words, began });
    const found = await mapInTurns(rows, async (row) => {
      const then = await foundThen(decodeRevision(row.row('then')), query);
      const now = { asset: decodeAsset(row.row('asset')), fieldNames: row.texts('fieldNames') };
      return then === null ? [] : [{ ...then, ...now, lowerName: row.text('lowerName') }];
    });
    return found.flat();
  }

  /**
   * By relevance. Of a word that half of all assets hold, Lucene gives the best thousand; where the page reaches into the lowest score
   * among these, those of this score are walked in the order of their ids. Which way was gone is not to be seen in the answer.
   */
  private async findBest(actor: Actor, conditions: AssetConditions, window: SearchWindow): Promise<FoundAsset[]> {
    const lucene = luceneOf(window.query);
    const known = this.crowded.floorOf(lucene);
    const quick = known === null ? null : await this.findBeside(actor, conditions, window, known);
    if (quick !== null) return quick;
    const { floor, best } = await this.best(actor, conditions, window, lucene);
    this.crowded.keep(lucene, floor);
    if (floor === null || best.length === window.limit) return best;
    const walked = await this.walk(actor, conditions, window, { floor, limit: window.limit - best.length });
    return this.filled(actor, conditions, window, [best, walked]);
  }

  /** The page, of those above a score and those of it, or of all hits where these do not fill it. */
  private async filled(
    actor: Actor,
    conditions: AssetConditions,
    window: SearchWindow,
    [above, walked]: [readonly FoundAsset[], readonly FoundAsset[]],
  ): Promise<FoundAsset[]> {
    const hits = [...above, ...walked];
    if (hits.length >= window.limit) return hits.slice(0, window.limit);
    const asked = { ...conditions, ...askedFor(window), ...behindPlace(window) };
    return foundIn(await this.read(actor, cypher.SEARCH_ALL, asked));
  }

  /**
   * The same where the lowest score is known: those above it are looked for beside the walk through those of it. Where no hit outside of names,
   * tags, fields and namespaces has more than that, those above are looked for in these alone. null: the score is another one now, or the
   * page lies below it.
   */
  private async findBeside(
    actor: Actor,
    conditions: AssetConditions,
    window: SearchWindow,
    known: number,
  ): Promise<FoundAsset[] | null> {
    if (window.after !== null && Number(window.after.key) < known) return null;
    const isOfDescriptions = known === bestOfDescriptions(window.query);
    const lucene = isOfDescriptions ? luceneOfNamed(window.query) : luceneOf(window.query);
    const [{ floor, best }, walked] = await Promise.all([
      this.best(actor, conditions, window, lucene),
      this.walk(actor, conditions, window, { floor: known, limit: window.limit }),
    ]);
    if (floor !== (isOfDescriptions ? null : known)) return null;
    return this.filled(actor, conditions, window, [best.filter(({ score }) => score > known), walked]);
  }

  /** `best`: the hits above `floor`, as many as wanted; `floor`: the lowest score of the best thousand, null where there are not as many. */
  private async best(
    actor: Actor,
    conditions: AssetConditions,
    window: SearchWindow,
    lucene: string,
  ): Promise<{ floor: number | null; best: FoundAsset[] }> {
    const asked = { ...conditions, ...askedFor(window), ...behindPlace(window), lucene, bestHits: BigInt(BEST) };
    const rows = await this.read(actor, cypher.SEARCH_BEST, asked);
    return { floor: rows[0]?.maybeFloat('floor') ?? null, best: await foundIn(rows) };
  }

  /** Hits of that score, as many as wanted; fewer where no more are among the next assets. */
  private async walk(
    actor: Actor,
    conditions: AssetConditions,
    { query, after }: SearchWindow,
    { floor, limit }: { floor: number; limit: number },
  ): Promise<FoundAsset[]> {
    const score = Number(after?.key ?? Number.POSITIVE_INFINITY);
    if (score < floor) return [];
    let behind = score === floor && after ? after.id : FIRST_ID;
    const walked: FoundAsset[] = [];
    for (const chunk of STEPS) {
      const asked = {
        lucene: luceneOf(query),
        ...{ floor, behind, began: after?.began ?? null },
        chunk: BigInt(chunk),
        limit: BigInt(limit - walked.length),
      };
      const rows = await this.read(actor, cypher.SEARCH_STEP, { ...conditions, ...asked });
      walked.push(...(await foundIn(rows)));
      const upTo = rows[0]?.maybeText('upTo') ?? null;
      if (walked.length === limit || upTo === null) return walked;
      behind = upTo;
    }
    return walked;
  }

  private async allThen(actor: Actor, conditions: AssetConditions, query: SearchQuery): Promise<FoundAsset[]> {
    const rows = await this.read(actor, cypher.SEARCH_THEN, { ...conditions, searched: query.words });
    const found = await mapInTurns(
      rows,
      async (row) => (await foundThen(decodeRevision(row.row('asset')), query)) ?? [],
    );
    return found.flat();
  }
}

/** The asset as it was, with its score; null when it did not hold the words. */
async function foundThen(asset: Asset, query: SearchQuery): Promise<FoundAsset | null> {
  const fieldNames = (asset.fieldsThen ?? []).map(({ name }) => name);
  const score = scoreOf(await searchedTokens({ ...asset, fieldNames }), query);
  if (score === null) return null;
  return { asset, fieldNames, score, lowerName: asset.name.toLowerCase(), updatedAt: asset.updatedAt };
}

/** Those behind the position, in the order, as many as wanted. */
function inWindow(found: readonly FoundAsset[], { order, after, limit }: SearchWindow): FoundAsset[] {
  const compare = ORDERS[order];
  return found
    .map((each) => ({ each, position: positionOf(each, order) }))
    .filter(({ position }) => after === null || compare(after, position) < 0)
    .sort((one, other) => compare(one.position, other.position))
    .slice(0, limit)
    .map(({ each }) => each);
}

const behindPlace = ({ after }: SearchWindow): Parameters => ({
  afterScore: after?.key ?? null,
  afterId: after?.id ?? null,
});

const askedFor = ({ query, limit, after }: SearchWindow): Parameters => ({
  lucene: luceneOf(query),
  limit: BigInt(limit),
  began: after?.began ?? null,
});

function foundIn(rows: readonly Row[]): Promise<FoundAsset[]> {
  const hits = rows.filter((row) => row.maybeRow('asset') !== null);
  return mapInTurns(hits, (row) => {
    const asset = decodeAsset(row.row('asset'));
    const { updatedAt } = asset;
    const [score, lowerName] = [row.maybeFloat('score') ?? 0, row.maybeText('lowerName') ?? ''];
    return { asset, fieldNames: row.texts('fieldNames'), score, lowerName, updatedAt };
  });
}

/** The smaller stands before; ids decide where the keys say the same. */
const compare =
  (upwards: 1 | -1) =>
  (one: SearchPosition, other: SearchPosition): number => {
    if (one.key < other.key) return -upwards;
    if (one.key > other.key) return upwards;
    return one.id < other.id ? -1 : Number(one.id > other.id);
  };
const ORDERS = { RELEVANCE: compare(-1), NAME: compare(1), UPDATED: compare(-1) } as const;

function facetsOf(found: readonly FoundAsset[]): SearchFacet[] {
  return FACETS.map((name) => {
    const seen = new Map<string, number>();
    for (const value of found.flatMap(({ asset }) => VALUES[name](asset))) seen.set(value, (seen.get(value) ?? 0) + 1);
    const buckets = [...seen].map(([value, count]) => ({ value, count }));
    buckets.sort((one, other) => other.count - one.count || (one.value < other.value ? -1 : 1));
    return { name, buckets: buckets.slice(0, MOST_VALUES) };
  });
}
