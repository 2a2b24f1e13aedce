/**
 * What a root field was asked, so that it can be asked again: the whole selection with its fragments written in, printed in
 * one way, and the variables that occur in it. Requests are limited, so nothing has to be cut off.
 */
import {
  type ASTNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  Kind,
  print,
  type SelectionNode,
  visit,
} from 'graphql';

/** One root field as it was asked. */
export interface Asked {
  /** `updateAsset`, `lineage`: the name of the root field. */
  field: string;
  args: Readonly<Record<string, unknown>>;
  /** What of the answer was selected, as GraphQL text that stands alone but for its variables. */
  selection: string;
  /** The variables that stand in `selection`, as they were read; one that was left out is missing. */
  variables: Readonly<Record<string, unknown>>;
}

type Fragments = Readonly<Record<string, FragmentDefinitionNode | undefined>>;

/**
 * Fragments within fragments can write out to more than any limit of a request. What comes to more selections than this has
 * its fragments after it, each once, instead of written in.
 */
const MAX_WRITTEN_IN = 4_000;

export function askedOf(field: string, args: Record<string, unknown>, info: GraphQLResolveInfo): Asked {
  const fragments: Fragments = info.fragments;
  const used = fragmentsOf(info.fieldNodes, fragments);
  const left = { selections: MAX_WRITTEN_IN };
  const written = info.fieldNodes.map((node) => writeIn(node, fragments, left));
  const whole = left.selections >= 0;
  const text = whole ? written : [...info.fieldNodes, ...used];
  return { field, args, selection: text.map((node) => print(node)).join('\n'), variables: variablesOf(info, used) };
}

/** The fragments that the nodes lead to, each once, by name. */
function fragmentsOf(nodes: readonly ASTNode[], fragments: Fragments): FragmentDefinitionNode[] {
  const found = new Map<string, FragmentDefinitionNode>();
  const waiting = [...nodes];
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    visit(node, {
      FragmentSpread: ({ name }) => {
        const fragment = fragments[name.value];
        if (fragment === undefined || found.has(name.value)) return;
        found.set(name.value, fragment);
        waiting.push(fragment);
      },
    });
  }
  return [...found.values()].sort((a, b) => (a.name.value < b.name.value ? -1 : 1));
}

/** The selection with an inline fragment for each spread; as it is, once `left` is used up. */
function writeIn(node: SelectionNode, fragments: Fragments, left: { selections: number }): SelectionNode {
  left.selections -= 1;
  if (left.selections < 0) return node;
  if (node.kind !== Kind.FRAGMENT_SPREAD) {
    if (node.selectionSet === undefined) return node;
    const selections = node.selectionSet.selections.map((each) => writeIn(each, fragments, left));
    return { ...node, selectionSet: { ...node.selectionSet, selections } };
  }
  const fragment = fragments[node.name.value];
  if (fragment === undefined) return node;
  const { typeCondition, selectionSet } = fragment;
  const inline = { kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet } as const;
  return writeIn({ ...inline, ...(node.directives && { directives: node.directives }) }, fragments, left);
}

function variablesOf(info: GraphQLResolveInfo, used: readonly FragmentDefinitionNode[]): Record<string, unknown> {
  const names = new Set<string>();
  for (const node of [...info.fieldNodes, ...used]) visit(node, { Variable: ({ name }) => void names.add(name.value) });
  const given = Object.entries(info.variableValues).filter(([name]) => names.has(name));
  return Object.fromEntries(given.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Asked values as JSON can tell them, without the tokens that somebody may have put there by mistake. */
export function loggable(values: Asked['args']): unknown {
  const text = JSON.stringify(values, (_key, value: unknown) => {
    if (typeof value === 'bigint') return value.toString();
    return typeof value === 'string' ? withoutTokens(value) : value;
  });
  return JSON.parse(text);
}

/** The text with a mark in place of each token of ours, and each JWT. */
export function withoutTokens(text: string): string {
  return text.replace(/[\w.-]+/g, (word) => (isJwt(word) ? '[token]' : word.replace(OURS, '[token]')));
}

const OURS = /wft_[0-9a-f]{32}_[A-Za-z0-9_-]{43}/gi;

/** Looked at by its parts: a pattern for it would go back and forth over long texts. */
function isJwt(word: string): boolean {
  const parts = word.split('.');
  return parts.some((part, index) => part.startsWith('eyJ') && parts[index + 1]?.startsWith('eyJ') === true);
}
