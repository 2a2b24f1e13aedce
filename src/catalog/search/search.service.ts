import { createHash } from 'node:crypto';
import type { Actor } from '../../auth/actor.js';
import { badInput } from '../../errors.js';
import { checkPageSize, DEFAULT_PAGE, readCursor, writeCursor } from '../../graphql/page.js';
import { mapInTurns } from '../../turn.js';
import type { AssetFilter } from '../assets/asset.input.js';
import { conditionsOf } from '../assets/asset.service.js';
import type { Asset } from '../model/asset.js';
import { highlightsIn, type TextMatch } from '../text/highlights.js';
import { searchQuery } from '../text/search-query.js';
import type { QueryWord } from '../text/tokens.js';
import {
  type FoundAsset,
  positionOf,
  type SearchFacet,
  type SearchOrder,
  type SearchPosition,
  type SearchRepository,
} from './search.repository.js';

const LIST = 'search';
const MAX_QUERY = 500;

interface SearchHit {
  cursor: string;
  node: Asset;
  score: number;
  highlights: Highlight[];
}

/** Where in an asset the words of the query stand. */
interface Highlight {
  field: string;
  text: string;
  matches: TextMatch[];
}

export interface SearchPage {
  hits: SearchHit[];
  more: boolean;
  countAll: () => Promise<number>;
  countFacets: () => Promise<SearchFacet[]>;
}

export interface SearchArguments {
  query: string;
  filter?: AssetFilter | null | undefined;
  orderBy: SearchOrder;
  first?: number | null | undefined;
  after?: string | null | undefined;
}

const NOTHING: SearchPage = {
  hits: [],
  more: false,
  countAll: () => Promise.resolve(0),
  countFacets: () => Promise.resolve([]),
};

/** Finding assets by words. */
export class SearchService {
  constructor(
    private readonly assets: SearchRepository,
    private readonly now: () => Date,
  ) {}

  /** The assets in which every word of the query occurs, in the order asked for. Throws BAD_USER_INPUT. */
  async search(actor: Actor, args: SearchArguments): Promise<SearchPage> {
    if (args.query.length > MAX_QUERY) {
      throw badInput(`The search has ${args.query.length} characters; at most ${MAX_QUERY} are possible.`);
    }
    const { orderBy: order } = args;
    const size = args.first ?? DEFAULT_PAGE;
    checkPageSize(size);
    const query = searchQuery(args.query);
    if (query.words.length === 0) return NOTHING;
    const conditions = conditionsOf(args.filter);
    const print = printOf([args.query, conditions, order]);
    const after = args.after == null ? null : readPosition(args.after, print, order);
    const began = after?.began ?? this.now();
    const found = await this.assets.find(actor, conditions, { query, order, limit: size + 1, after });
    const hits = found.slice(0, size);
    return {
      hits: await mapInTurns(hits, (each) => toHit(each, query.words, (hit) => cursorOf(hit, order, print, began))),
      more: found.length > size,
      countAll: () => this.assets.count(actor, conditions, query),
      countFacets: () => this.assets.facets(actor, conditions, query),
    };
  }
}

function toHit(found: FoundAsset, words: readonly QueryWord[], cursor: (found: FoundAsset) => string): SearchHit {
  const { asset, score } = found;
  return { cursor: cursor(found), node: asset, score, highlights: highlightsOf(found, words) };
}

function cursorOf(found: FoundAsset, order: SearchOrder, print: string, began: Date): string {
  const { key, id } = positionOf(found, order);
  const told = key instanceof Date ? key.toISOString() : key;
  return writeCursor(LIST, `${print} ${began.getTime()} ${encodeURIComponent(told)} ${id}`);
}

/** Places of one question say nothing in another, so its cursors lead on only in the same. Throws BAD_USER_INPUT. */
function readPosition(cursor: string, print: string, order: SearchOrder): SearchPosition & { began: Date } {
  const [asked, time, told, id] = readCursor(LIST, cursor).split(' ');
  const key = told === undefined ? null : keyOf(told, order);
  const began = new Date(Number(time));
  if (id === undefined || key === null || Number.isNaN(began.getTime()))
    throw badInput('This cursor is of an earlier release, which ranked in another way. Begin again without `after`.');
  if (asked !== print)
    throw badInput(
      'This cursor belongs to another question. Ask with the same `query`, `filter` and `orderBy` as for the page it is of, or without `after`.',
    );
  return { key, id, began };
}

/** null: it is none of that order. */
function keyOf(told: string, order: SearchOrder): SearchPosition['key'] | null {
  try {
    const text = decodeURIComponent(told);
    if (order === 'NAME') return text;
    if (order === 'RELEVANCE') return Number.isFinite(Number(text)) ? Number(text) : null;
    const time = new Date(text);
    return Number.isNaN(time.getTime()) ? null : time;
  } catch {
    return null;
  }
}

const printOf = (question: unknown): string =>
  createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 22);

const MAX_HIGHLIGHTS = 20;
/** Characters of field names that are looked at, all fields of an asset together. */
const FIELD_NAMES_LOOKED_AT = 20_000;

function highlightsOf({ asset, fieldNames }: FoundAsset, words: readonly QueryWord[]): Highlight[] {
  const highlights: Highlight[] = [];
  const places = [
    { field: 'name', texts: [asset.name] },
    { field: 'tags', texts: asset.tags },
    { field: 'fields', texts: fieldNames, most: FIELD_NAMES_LOOKED_AT },
    { field: 'namespace', texts: [asset.namespace] },
    { field: 'description', texts: [asset.description ?? ''] },
  ];
  for (const { field, texts, most = Number.POSITIVE_INFINITY } of places) {
    let looked = 0;
    for (const text of texts) {
      if (highlights.length === MAX_HIGHLIGHTS) return highlights;
      if ((looked += text.length) > most) break;
      const matches = highlightsIn(text, words);
      if (matches.length > 0) highlights.push({ field, text, matches });
    }
  }
  return highlights;
}
