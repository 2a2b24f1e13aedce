import { Field, Float, Int, ObjectType, Root } from 'type-graphql';
import { PageInfo } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { AssetType } from '../assets/asset.type.js';
import type { Asset } from '../model/asset.js';
import { FacetBucket } from '../model/facet.type.js';
import { SEARCH_ORDERS, type SearchFacet } from './search.repository.js';

export const SearchOrderEnum = enumOf('SearchOrder', SEARCH_ORDERS, 'The order of what a search finds.', {
  RELEVANCE: 'The best match first, as its score says; of the same score the one first that was registered first.',
  NAME: 'By name, upper and lower case alike.',
  UPDATED: 'The one first that was changed last.',
});

@ObjectType('SearchFacet', { description: 'Values among all hits, and how many hits have each.' })
class SearchFacetType implements SearchFacet {
  @Field(() => String, { description: 'The facet: kind, namespace, tag or owner.' })
  name!: string;
  @Field(() => [FacetBucket], {
    description: 'The values, most frequent first, at most fifty; each fits into `filter`.',
  })
  buckets!: FacetBucket[];
}

@ObjectType({ description: 'A stretch of text that matches.' })
export class SearchMatch {
  @Field(() => Int, { description: 'Position of its first character in `text`, from 0, in UTF-16 units.' })
  start!: number;
  @Field(() => Int, { description: 'Position after its last character.' })
  end!: number;
}

@ObjectType({ description: 'A text of an asset in which words of the query stand.' })
export class SearchHighlight {
  @Field(() => String, { description: 'The kind of text: name, tags, fields, namespace or description.' })
  field!: string;
  @Field(() => String, { description: 'The text, as it stands in the asset.' })
  text!: string;
  @Field(() => [SearchMatch], { description: 'The stretches to mark, in order.' })
  matches!: SearchMatch[];
}

@ObjectType({ description: 'One asset found.' })
export class SearchEdge {
  @Field(() => String, { description: 'The position of this hit in the list; pass it as `after`.' })
  cursor!: string;
  @Field(() => AssetType, { description: 'The asset that was found.' })
  node!: Asset;
  @Field(() => Float, {
    description:
      'The quality of the match, by what the asset itself says and nothing else: most when the query is its name, less when the name begins with it, by whole parts or within one, or ends with it, then a sum over the words by where each stands (name, tags, fields and namespace, description; a whole word counts more than a beginning). Comparable within one search only.',
  })
  score!: number;
  @Field(() => [SearchHighlight], {
    description:
      'The places where the words of the query stand, at most twenty places. Looked for in the first 10,000 characters of a text and in 20,000 of field names.',
  })
  highlights!: SearchHighlight[];
}

@ObjectType({ description: 'Assets found.' })
export class SearchConnection {
  @Field(() => [SearchEdge], { description: 'The hits of this page, in the order asked for.' })
  edges!: SearchEdge[];
  @Field(() => [AssetType], { description: 'The assets alone.' })
  nodes!: Asset[];
  @Field(() => PageInfo, { description: 'The position of this page.' })
  pageInfo!: PageInfo;
  @Field(() => Int, { description: 'All hits that you may see; counted only when selected.' })
  totalCount(@Root() page: { countAll: () => Promise<number> }): Promise<number> {
    return page.countAll();
  }
  @Field(() => [SearchFacetType], {
    description: 'Counts of values among all hits that you may see; counted only when selected.',
  })
  facets(@Root() page: { countFacets: () => Promise<SearchFacet[]> }): Promise<SearchFacet[]> {
    return page.countFacets();
  }
}
