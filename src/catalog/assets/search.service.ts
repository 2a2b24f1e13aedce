import { createHash } from 'node:crypto';
import type { Actor } from '../../auth/actor.js';
import { badInput } from '../../errors.js';
import { DEFAULT_PAGE, MAX_PAGE, readCursor, writeCursor } from '../../graphql/page.js';
import type { Asset } from '../model/asset.js';
import type { AssetFilter } from './asset.input.js';
import type { AssetRepository } from './asset.repository.js';
import type { FoundAsset } from '../text/search-text-as-of.js';
import { mapInTurns } from '../../turn.js';
import { conditionsOf } from './asset.service.js';
import { toLuceneQuery, highlightsIn, phraseOf, tokenize, type TextMatch } from '../text/search-text.js';

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
}

export interface SearchArguments {
  query: string;
  filter?: AssetFilter | null;
  first?: number | null;
  after?: string | null;
}

/** Finding assets by words. */
export class SearchService {
  constructor(private readonly assets: AssetRepository) {}

  /** The assets in which every word of the query occurs, best first. Throws BAD_USER_INPUT. */
  async search(actor: Actor, args: SearchArguments): Promise<SearchPage> {
    if (args.query.length > MAX_QUERY) {
      throw badInput(`The search has ${args.query.length} characters; at most ${MAX_QUERY} are possible.`);
    }
    const size = args.first ?? DEFAULT_PAGE;
    if (size < 1 || size > MAX_PAGE) throw badInput(`\`first\` is ${size}; it must be from 1 to ${MAX_PAGE}.`);
    const terms = tokenize(args.query);
    if (terms.length === 0) return { hits: [], more: false, countAll: () => Promise.resolve(0) };
    const lucene = toLuceneQuery(terms);
    const conditions = conditionsOf(args.filter);
    const asked = { lucene, terms, typed: args.query.trim().toLowerCase(), phrase: phraseOf(args.query) };
    const print = printOf([args.query, conditions]);
    const after = args.after == null ? null : readPosition(args.after, print);
    const found = await this.assets.search(actor, conditions, { ...asked, limit: size + 1, after });
    return {
      hits: await mapInTurns(found.slice(0, size), (each) => toHit(each, terms, print)),
      more: found.length > size,
      countAll: () => this.assets.countFound(actor, conditions, asked),
    };
  }
}

function toHit(found: FoundAsset, terms: readonly string[], print: string): SearchHit {
  const { asset, score } = found;
  return {
    cursor: writeCursor(LIST, `${print} ${score} ${asset.id}`),
    node: asset,
    score,
    highlights: highlightsOf(found, terms),
  };
}

/** Scores of one question say nothing in another, so its cursors lead on only in the same. Throws BAD_USER_INPUT. */
function readPosition(cursor: string, print: string): { score: number; id: string } {
  const [asked, score, id] = readCursor(LIST, cursor).split(' ');
  if (id === undefined || !Number.isFinite(Number(score)))
    throw badInput('This cursor is of an earlier release, which ranked in another way. Begin again without `after`.');
  if (asked !== print)
    throw badInput(
      'This cursor belongs to another question. Ask with the same `query` and `filter` as for the page it is of, or without `after`.',
    );
  return { score: Number(score), id };
}

const printOf = (question: unknown): string =>
  createHash('sha256').update(JSON.stringify(question)).digest('base64url').slice(0, 22);

const MAX_HIGHLIGHTS = 20;
/** Characters of field names that are looked at, all fields of an asset together. */
const FIELD_NAMES_LOOKED_AT = 20_000;

function highlightsOf({ asset, fieldNames }: FoundAsset, terms: readonly string[]): Highlight[] {
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
      const matches = highlightsIn(text, terms);
      if (matches.length > 0) highlights.push({ field, text, matches });
    }
  }
  return highlights;
}
