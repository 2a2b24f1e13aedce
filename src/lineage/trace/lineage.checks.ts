import { checkPageSize } from '../../graphql/page.js';
import { badInput, limitExceeded } from '../../errors.js';
import { type LineageQuestion, MAX_LINEAGE_DEPTH, MAX_LINEAGE_PAGE, MAX_ROOTS } from './lineage.js';

/** Throws BAD_USER_INPUT for a depth, a page or a filter that cannot be, LIMIT_EXCEEDED for too many ignored assets. */
export function checkQuestion({ depth, first, ignore, until }: LineageQuestion): void {
  checkDepth(depth);
  checkPageSize(first, MAX_LINEAGE_PAGE);
  for (const [name, filter] of Object.entries({ ignore, until })) {
    const lists = Object.entries(filter ?? { any: ['thing'] });
    if (lists.every(([, values]) => (values as readonly string[]).length === 0))
      throw badInput(`\`${name}\` is empty. Name one of: ${lists.map(([list]) => list).join(', ')}. Or leave it out.`);
  }
  if (ignore && ignore.refs.length > 0) checkRoots('ignore.refs', ignore.refs);
}

/** Throws BAD_USER_INPUT for a depth that cannot be. */
export function checkDepth(depth: number): void {
  if (depth < 1 || depth > MAX_LINEAGE_DEPTH)
    throw badInput(`\`depth\` is ${depth}; it must be from 1 to ${MAX_LINEAGE_DEPTH}.`);
}

/** Throws BAD_USER_INPUT for no assets and LIMIT_EXCEEDED for too many. */
export function checkRoots(argument: string, refs: readonly string[]): void {
  if (refs.length === 0) throw badInput(`Name at least one asset in \`${argument}\`.`);
  if (refs.length > MAX_ROOTS)
    throw limitExceeded(`${refs.length} assets in \`${argument}\`; at most ${MAX_ROOTS} are possible.`);
}

const MAX_NAMESPACES = 50;

/** Throws BAD_USER_INPUT for a filter by no namespace and LIMIT_EXCEEDED for one by too many; null: all. */
export function checkNamespaces(namespaces: readonly string[] | null): void {
  if (namespaces?.length === 0) throw badInput('Name at least one namespace, or leave `namespaces` out for all.');
  if (namespaces && namespaces.length > MAX_NAMESPACES)
    throw limitExceeded(`${namespaces.length} namespaces at once; at most ${MAX_NAMESPACES} are possible.`);
}
