import { type DocumentNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

/** The fields that answer under one name at one place of an answer. */
interface Place {
  times: number;
  below: Map<string, Place>;
}

/** Fragments that are spread around a selection: one that is met again within itself is a cycle, which validation refuses. */
interface Spreads {
  name: string;
  around: Spreads | null;
}

interface Opened {
  selections: SelectionSetNode;
  place: Place;
  within: Spreads | null;
}

/**
 * How often validation would compare two fields of a document to see whether they may answer under one name: the sum of
 * the squares of how often each place of the answer is selected, fragments written out, in every operation and fragment.
 * Honest documents have a few hundred; one of 2,000 tokens can have half a million, which takes a third of a second.
 * Counting stops at `enough`, whatever is left.
 */
export function comparisonsOf(document: DocumentNode, enough: number): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  let steps = 0;
  let comparisons = 0;
  for (const definition of document.definitions) {
    if (!('selectionSet' in definition)) continue;
    const open: Opened[] = [{ selections: definition.selectionSet, place: newPlace(), within: null }];
    for (let next = open.pop(); next; next = open.pop()) {
      for (const selection of next.selections.selections) {
        steps += 1;
        if (steps + comparisons >= enough) return enough;
        if (selection.kind === Kind.FIELD) {
          const place = placeOf(next.place, (selection.alias ?? selection.name).value);
          if (place.times > 1) comparisons += 2 * place.times - 1;
          if (selection.selectionSet) open.push({ ...next, selections: selection.selectionSet, place });
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          open.push({ ...next, selections: selection.selectionSet });
        } else {
          const { value: name } = selection.name;
          const selections = fragments.get(name)?.selectionSet;
          if (selections && !isOpen(next.within, name)) {
            open.push({ ...next, selections, within: { name, around: next.within } });
          }
        }
      }
    }
  }
  return comparisons;
}

const newPlace = (): Place => ({ times: 0, below: new Map() });

function placeOf(within: Place, name: string): Place {
  const place = within.below.get(name) ?? newPlace();
  within.below.set(name, place);
  place.times += 1;
  return place;
}

function isOpen(spreads: Spreads | null, name: string): boolean {
  for (let each = spreads; each; each = each.around) if (each.name === name) return true;
  return false;
}
