import { type GraphQLResolveInfo, Kind, type SelectionSetNode } from 'graphql';

/**
 * Whether the client selected what lies below this field by one of the paths, as `selects(info, 'edges.claims')`. Fragments
 * are followed whatever their type, and `@skip` or `@include` counts as selected: what is computed in vain does no harm.
 */
export function selects(info: GraphQLResolveInfo, ...paths: readonly string[]): boolean {
  const sets = info.fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  return paths.some((path) => reaches(sets, path.split('.'), info));
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

function fieldsNamed(sets: readonly SelectionSetNode[], name: string, info: GraphQLResolveInfo) {
  const selections = sets.flatMap((set) => set.selections);
  return selections.flatMap((selection): { selectionSet?: SelectionSetNode | undefined }[] => {
    if (selection.kind === Kind.FIELD) return selection.name.value === name ? [selection] : [];
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : info.fragments[selection.name.value];
    return fragment ? fieldsNamed([fragment.selectionSet], name, info) : [];
  });
}
