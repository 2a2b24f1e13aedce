import { causeOf } from '../../disk/disk-fault.js';
import { type Expression, licenceOf, readSpdx } from '../labels/licences.js';
import type { Facts } from './facts.js';

type LicenceFacts = NonNullable<NonNullable<Facts['labels']>['licences']>;

/** One licence of an expression, and what it asks of who uses it. */
interface Licence {
  id: string;
  nonCommercial: boolean;
  noDerivatives: boolean;
  shareAlike: boolean;
  unresolved: boolean;
}

const UNRESOLVED = ['NOASSERTION', 'NONE'];

/**
 * What an expression of SPDX comes to for policies. Of a choice (OR) the one that asks least counts: the fewest licences
 * that nobody knows, then the fewest that forbid something, then the fewest that bind what is derived, then the fewest. Throws RangeError for what is no
 * expression: `NOASSERTION` and `NONE`, which data sets have as well, are taken among the licences.
 */
export function licenceFacts(expression: string): LicenceFacts {
  const least = leastOf(parsed(expression));
  return {
    expression,
    ids: [...new Set(least.filter(({ unresolved }) => !unresolved).map(({ id }) => id))].sort(),
    nonCommercial: least.some((each) => each.nonCommercial),
    noDerivatives: least.some((each) => each.noDerivatives),
    shareAlike: least.some((each) => each.shareAlike),
    unresolved: [...new Set(least.filter(({ unresolved }) => unresolved).map(({ id }) => id))].sort(),
  };
}

/** The parser knows no NOASSERTION and no NONE, so these go through it under names that nobody else has. */
function parsed(expression: string): Expression {
  if (expression.length > LONGEST)
    throw new RangeError(`The licence has ${expression.length} characters; ${LONGEST} are allowed.`);
  const written = expression.replace(/\b(?:NOASSERTION|NONE)\b(?![-.])/g, (word) => `LicenseRef-${HIDDEN}${word}`);
  try {
    return readSpdx(written);
  } catch (error) {
    const why = causeOf(error).replaceAll(`LicenseRef-${HIDDEN}`, '');
    throw new RangeError(`${JSON.stringify(expression.slice(0, 200))} is no expression of SPDX: ${why}`, {
      cause: error,
    });
  }
}

const HIDDEN = 'weftline-';
/** Characters of all licences that a closure has together. */
const LONGEST = 20_000;

/** The licences that bind. What a choice asks is a sum over licences, so each choice is made by itself. */
function leastOf(info: Expression): Licence[] {
  if (!('conjunction' in info)) return [bindingOf(info)];
  const [left, right] = [leastOf(info.left), leastOf(info.right)];
  if (info.conjunction === 'and') return [...left, ...right];
  const order = burden(left) - burden(right) || compare(idsOf(left), idsOf(right));
  return order <= 0 ? left : right;
}

function bindingOf(leaf: Parameters<typeof licenceOf>[0]): Licence {
  const name = leaf.license.replace(`LicenseRef-${HIDDEN}`, '');
  return {
    id: licenceOf({ ...leaf, license: name }),
    nonCommercial: /^CC-BY-NC\b|-NC-|^PolyForm-Noncommercial/.test(name),
    noDerivatives: /^CC-.*-ND\b/.test(name),
    shareAlike: /^CC-.*-SA\b|^(?:A|L)?GPL-|^ODbL-|^MPL-|^EUPL-|^CDLA-Sharing-|^OSL-|^CECILL-|^SSPL-|^EPL-|^GFDL-/.test(
      name,
    ),
    unresolved: name.startsWith('LicenseRef-') || name.startsWith('DocumentRef-') || UNRESOLVED.includes(name),
  };
}

function burden(choice: readonly Licence[]): number {
  const number = (test: (licence: Licence) => boolean): number => choice.filter(test).length;
  return (
    number(({ unresolved }) => unresolved) * 1_000_000 +
    number(({ noDerivatives, nonCommercial }) => noDerivatives || nonCommercial) * 10_000 +
    number(({ shareAlike }) => shareAlike) * 100 +
    choice.length
  );
}

const idsOf = (choice: readonly Licence[]): string => choice.map(({ id }) => id).join(' ');
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
