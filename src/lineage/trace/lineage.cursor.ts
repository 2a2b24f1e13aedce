import { createHash } from 'node:crypto';
import { badInput } from '../../errors.js';
import type { SealedCursors } from '../../graphql/sealed-cursor.js';
import type { LineageQuestion } from './lineage.js';
import type { Place } from './trace-page.js';

const LINEAGE = 'lineage';
type Asked = Omit<LineageQuestion, 'wants'>;

/** A cursor of a lineage, or of another list along one: where the page ended, the nonce of its keys, and which question it belongs to. */
export function sealPlace(
  cursors: SealedCursors,
  nonce: string,
  { depth, visible, name, offset }: Place,
  asked: { refs: readonly string[]; question: Asked; list?: string },
): string {
  return cursors.seal([
    asked.list ?? LINEAGE,
    printOf(asked.refs, asked.question),
    nonce,
    depth,
    visible,
    name,
    offset,
  ]);
}

/** The place after which to read on; null: from the start. Throws BAD_USER_INPUT for the cursor of another question. */
export function openPlace(
  cursors: SealedCursors,
  refs: readonly string[],
  question: Asked,
  list = LINEAGE,
): (Place & { nonce: string }) | null {
  if (question.after === null) return null;
  const [sealed, print, nonce, depth, visible, name, offset] = cursors.open(question.after);
  if (
    sealed !== list ||
    typeof nonce !== 'string' ||
    typeof depth !== 'number' ||
    typeof visible !== 'boolean' ||
    typeof name !== 'string' ||
    typeof offset !== 'number'
  ) {
    throw badInput(`This cursor belongs to another list. Use a cursor of an earlier page of the same \`${list}\`.`);
  }
  if (print !== printOf(refs, question)) {
    throw badInput(
      'This cursor belongs to another question. Ask with the same assets, direction, depth, filters and times as for the page it is of, or without `after`.',
    );
  }
  return { nonce, depth, visible, name, offset };
}

/** All that decides what is reached; the size of a page may change from one to the next. */
function printOf(refs: readonly string[], question: Asked): string {
  const { direction, depth, asOf, knownAt, kinds, ignore, until } = question;
  const asked = [[...refs].sort(), direction, depth, asOf, knownAt, kinds && [...kinds].sort(), ignore, until];
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url').slice(0, 22);
}
