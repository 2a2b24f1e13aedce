import {
  type FieldNode,
  getNamedType,
  type GraphQLCompositeType,
  type GraphQLResolveInfo,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/**
 * What a caller without a token may read where WEFTLINE_ANONYMOUS_DISCOVERY is on: that discoverable assets exist, what
 * they are and how they hang together, and the names of whom to ask. Not where bytes and code lie, not runs and jobs, not
 * who did what, nothing of people but names. A field that is not here is closed, a new one too.
 */
const ASSET =
  'id urn kind namespace name description tags visibility owners createdAt updatedAt retiredAt revision lineage viewerCan';
const VERSIONED = `${ASSET} versions latestVersion`;
const VERSION = 'id version digest bytes createdAt';
const CONNECTION = 'edges nodes pageInfo totalCount';
const EDGE = 'cursor node';

const FIELDS: Readonly<Record<string, string>> = {
  Node: 'id',
  Asset: ASSET,
  Dataset: `${VERSIONED} fields fieldLineage format`,
  Transformation: ASSET,
  Model: `${VERSIONED} task license`,
  Deployment: `${ASSET} environment`,
  Field: 'id name type description ordinal dataset lineage depth parent children',
  FieldLineage: 'roots nodes steps edges pageInfo totalCount completeness',
  FieldStep: 'depth field key hidden',
  FieldEdge: 'source target',
  AssetConnection: CONNECTION,
  AssetEdge: EDGE,
  DatasetVersion: `${VERSION} dataset rowCount`,
  DatasetVersionConnection: CONNECTION,
  DatasetVersionEdge: EDGE,
  ModelVersion: `${VERSION} model`,
  ModelVersionConnection: CONNECTION,
  ModelVersionEdge: EDGE,
  SearchConnection: `${CONNECTION} facets`,
  SearchFacet: 'name buckets',
  SearchEdge: `${EDGE} score highlights`,
  SearchHighlight: 'field text matches',
  SearchMatch: 'start end',
  Lineage: 'roots nodes edges pageInfo totalCount facets completeness',
  LineageNode: 'depth asset key hidden moreUpstream moreDownstream',
  LineageEdge: 'source target through',
  LineageFacet: 'name buckets',
  FacetBucket: 'value count',
  Completeness: 'complete hiddenNodes cutByDepth cutByPage',
  PageInfo: 'hasNextPage hasPreviousPage startCursor endCursor',
  Ownership: 'owner role since',
  Principal: 'id name',
  User: 'id name',
  ServiceAccount: 'id name',
  Team: 'id name',
};

const OPEN = new Map(Object.entries(FIELDS).map(([type, fields]) => [type, new Set(fields.split(' '))]));

/** Every `Type.field` that is open to callers without a token: a test holds them against the schema. */
export const DISCOVERABLE_FIELDS: readonly string[] = [...OPEN].flatMap(([type, fields]) =>
  [...fields].map((field) => `${type}.${field}`),
);

/** The first field below a root field that a caller without a token may not read, as `Type.field`; null when there is none. */
export function firstBeyondDiscovery(info: GraphQLResolveInfo): string | null {
  const type = getNamedType(info.returnType);
  if (!isCompositeType(type)) return null;
  return firstIn(
    info,
    type,
    info.fieldNodes.flatMap((node) => node.selectionSet ?? []),
    new Set(),
  );
}

function firstIn(
  info: GraphQLResolveInfo,
  type: GraphQLCompositeType,
  sets: readonly SelectionSetNode[],
  seen: Set<string>,
): string | null {
  for (const selection of sets.flatMap((set) => set.selections)) {
    let beyond: string | null;
    if (selection.kind === Kind.FIELD) {
      beyond = firstOfField(info, type, selection, seen);
    } else {
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? info.fragments[selection.name.value] : selection;
      const condition = fragment?.typeCondition ? info.schema.getType(fragment.typeCondition.name.value) : type;
      if (!fragment || !isCompositeType(condition)) return `${type.name}.?`;
      // A named fragment is the same wherever it stands: looked at once, or a few of them would cost the product.
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (seen.has(selection.name.value)) continue;
        seen.add(selection.name.value);
      }
      beyond = firstIn(info, condition, [fragment.selectionSet], seen);
    }
    if (beyond !== null) return beyond;
  }
  return null;
}

function firstOfField(
  info: GraphQLResolveInfo,
  type: GraphQLCompositeType,
  field: FieldNode,
  seen: Set<string>,
): string | null {
  const name = field.name.value;
  if (name === '__typename') return null;
  if (!OPEN.get(type.name)?.has(name)) return `${type.name}.${name}`;
  if (!field.selectionSet) return null;
  const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
  const next = definition && getNamedType(definition.type);
  return next && isCompositeType(next) ? firstIn(info, next, [field.selectionSet], seen) : `${type.name}.${name}`;
}
