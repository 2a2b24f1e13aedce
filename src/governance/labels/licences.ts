import parse, { type Info } from 'spdx-expression-parse';
import { causeOf } from '../../disk/disk-fault.js';

/** What SPDX has for "nothing is said" and "there is none": whole values, no expressions. */
const ALONE = ['NOASSERTION', 'NONE'];
const LONGEST = 2_000;
/** Parentheses within parentheses: the parser calls itself for each. */
const DEEPEST = 49;

/**
 * The licences that all have to be kept, each in one spelling, sorted; a choice (`OR`) is one of them. Several expressions are one
 * conjunction, so joins are unions of these. null: it is no expression of SPDX.
 */
export function conjunctsOf(expression: string): string[] | null {
  const text = expression.trim();
  if (text.length > LONGEST) return null;
  const parts = membersOf(text).map((part) => (ALONE.includes(part) ? [part] : parsed(part)));
  return parts.some((part) => part === null) ? null : sorted(parts.flatMap((part) => part ?? []));
}

function parsed(text: string): string[] | null {
  try {
    return flat(readSpdx(text), 'and').map(written);
  } catch {
    return null;
  }
}

/** The parts of a conjunction that stand in no bracket: AND binds stronger than OR, so one with an OR outside is left whole. */
export function membersOf(text: string): string[] {
  const members: string[] = [''];
  let depth = 0;
  for (const word of text.split(' ')) {
    if (depth === 0 && word === 'OR') return [text];
    if (depth === 0 && word === 'AND') {
      members.push('');
      continue;
    }
    depth += word.split('(').length - word.split(')').length;
    members.push(`${members.pop() ?? ''} ${word}`.trim());
  }
  return members;
}

/** One expression of all. */
export const conjunctionOf = (conjuncts: readonly string[]): string => sorted(conjuncts).join(' AND ');

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();

/** The members of a chain of one conjunction, however it is bracketed. */
function flat(node: Expression, conjunction: 'and' | 'or'): Expression[] {
  if (!('conjunction' in node) || node.conjunction !== conjunction) return [node];
  return [...flat(node.left, conjunction), ...flat(node.right, conjunction)];
}

function written(node: Expression): string {
  if ('conjunction' in node) {
    const { conjunction } = node;
    const members = sorted(flat(node, conjunction).map(written));
    return members.length === 1 ? (members[0] ?? '') : `(${members.join(conjunction === 'or' ? ' OR ' : ' AND ')})`;
  }
  return licenceOf(node);
}

/** An expression of SPDX: a tree of conjunctions whose leaves are licences. */
export type Expression = Info;
type Leaf = Exclude<Info, { conjunction: unknown }>;

/** What an expression says. Throws RangeError with what is wrong with it. */
export function readSpdx(text: string): Expression {
  if (depthOf(text) > DEEPEST) throw new RangeError(`its parentheses go deeper than ${DEEPEST}`);
  try {
    return parse(text);
  } catch (error) {
    throw new RangeError(error instanceof TypeError ? 'it ends too early' : causeOf(error), { cause: error });
  }
}

/** A licence as SPDX writes it, with its exception. */
export const licenceOf = ({ license, plus, exception }: Leaf): string =>
  `${license}${plus === true ? '+' : ''}${exception === undefined ? '' : ` WITH ${exception}`}`;

function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
