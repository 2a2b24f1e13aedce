import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLResolveInfo,
  getNamedType,
  type InlineFragmentNode,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/**
 * What a token without the scope READ is told: the answer to what it did, with what lies in it, and nothing that a
 * resolver would ask the catalog for beyond that. Else the payload of a mutation would be a door to all of it.
 */

/** Fields with a resolver of their own that only reckons with what the object holds already. */
export const RECKONED: ReadonlySet<string> = new Set([
  'LaunchConflict.trainingJob',
  'Run.durationSeconds',
  'TrainingJob.externalId',
  'TrainingJob.observation',
  'TrainingJob.usage',
]);

/** An asset that stands in the way is told by its names: it is not what was done to. */
const NAMED_ONLY: ReadonlySet<string> = new Set(['DenialReason.asset']);
const NAMES: ReadonlySet<string> = new Set(['id', 'urn', 'kind', 'namespace', 'name']);

/** Where a walk is: which type, and whether of it only the names may be told. */
interface Place {
  type: GraphQLCompositeType;
  namesOnly: boolean;
}

/** The first field below a root field that goes beyond its answer, as `Type.field`; null when there is none. */
export function firstBeyondAnswer(info: GraphQLResolveInfo): string | null {
  const type = getNamedType(info.returnType);
  if (!isCompositeType(type)) return null;
  return new Walk(info).firstIn(
    { type, namesOnly: false },
    info.fieldNodes.flatMap((node) => node.selectionSet ?? []),
  );
}

class Walk {
  /** A named fragment is the same wherever it stands: looked at once a place, or a few of them would cost the product. */
  private readonly seen = new Set<string>();

  constructor(private readonly info: GraphQLResolveInfo) {}

  firstIn(place: Place, sets: readonly SelectionSetNode[]): string | null {
    for (const selection of sets.flatMap((set) => set.selections)) {
      const beyond = this.firstOf(place, selection);
      if (beyond !== null) return beyond;
    }
    return null;
  }

  private firstOf(place: Place, selection: SelectionNode): string | null {
    if (selection.kind === Kind.FIELD) return this.firstOfField(place, selection);
    if (selection.kind === Kind.INLINE_FRAGMENT) return this.firstOfFragment(place, selection);
    const key = `${selection.name.value} ${place.namesOnly}`;
    if (this.seen.has(key)) return null;
    this.seen.add(key);
    const fragment = this.info.fragments[selection.name.value];
    return fragment ? this.firstOfFragment(place, fragment) : `${place.type.name}.?`;
  }

  private firstOfFragment(
    { type, namesOnly }: Place,
    { typeCondition, selectionSet }: InlineFragmentNode | FragmentDefinitionNode,
  ): string | null {
    const condition = typeCondition ? this.info.schema.getType(typeCondition.name.value) : type;
    if (!isCompositeType(condition)) return `${type.name}.?`;
    return this.firstIn({ type: condition, namesOnly }, [selectionSet]);
  }

  private firstOfField({ type, namesOnly }: Place, { name, selectionSet }: FieldNode): string | null {
    if (name.value.startsWith('__')) return null;
    const coordinate = `${type.name}.${name.value}`;
    if (namesOnly && !NAMES.has(name.value)) return coordinate;
    const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name.value] : undefined;
    if (!field || (field.extensions['hasOwnResolver'] === true && !RECKONED.has(coordinate))) return coordinate;
    const next = getNamedType(field.type);
    if (!selectionSet || !isCompositeType(next)) return null;
    return this.firstIn({ type: next, namesOnly: namesOnly || NAMED_ONLY.has(coordinate) }, [selectionSet]);
  }
}
