import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

/**
 * Whether the client selected what lies below this field by one of the paths, as `selects(info, 'edges.claims')`. Fragments
 * are followed whatever their type, and `@skip` or `@include` counts as selected: what is computed in vain does no harm.
 */
export function selects(info: GraphQLResolveInfo, ...paths: readonly string[]): boolean {
  const sets = info.fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return paths.some((path) => reaches(sets, path.split('.'), info));
}

/** The names of the fields that are selected right below this path of names, as `fieldsBelow(info, 'nodes.asset')`. */
export function fieldsBelow(info: GraphQLResolveInfo, path: string): ReadonlySet<string> {
  const names = new Set<string>();
  let sets = info.fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  for (const name of path.split('.')) sets = fieldsNamed(sets, name, info).flatMap((field) => field.selectionSet ?? []);
  everyField(sets, info, (field) => names.add(field.name.value));
  return names;
}

function reaches(sets: readonly SelectionSetNode[], path: readonly string[], info: GraphQLResolveInfo): boolean {
  const [name, ...rest] = path;
  if (name === undefined) return true;
  const below = fieldsNamed(sets, name, info);
  if (rest.length === 0) return below.length > 0;
  return reaches(
    below.flatMap((field) => field.selectionSet ?? []),
    rest,
    info,
  );
}

function fieldsNamed(sets: readonly SelectionSetNode[], name: string, info: GraphQLResolveInfo): FieldNode[] {
  const found: FieldNode[] = [];
  everyField(sets, info, (field) => {
    if (field.name.value === name) found.push(field);
  });
  return found;
}

function everyField(sets: readonly SelectionSetNode[], info: GraphQLResolveInfo, visit: (field: FieldNode) => void) {
  for (const selection of sets.flatMap((set) => set.selections)) {
    if (selection.kind === Kind.FIELD) visit(selection);
    else {
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : info.fragments[selection.name.value];
      if (fragment) everyField([fragment.selectionSet], info, visit);
    }
  }
}
