/**
 * GraphQL completes a list in one go: ten thousand columns hold up everybody for a quarter of a second. Of a long list, the
 * items after the first portion are promises, which come true a portion at a time, others having their turn in between. A
 * portion is a page: what hangs below its items is loaded by one statement. Where nothing can hang below, it is smaller.
 */
import {
  defaultFieldResolver,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLSchema,
  isCompositeType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql';
import { MAX_PAGE } from '../page.js';

/** Changes the schema in place. */
export function completeLongListsInTurns(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || !isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      const portion = portionOf(field);
      if (portion !== null) letWait(field, portion);
    }
  }
}

/** Of items that say all themselves: such lists stand within others. */
const SMALL_PORTION = 50;

/** null: no list of objects. */
function portionOf({ type }: GraphQLField<unknown, unknown>): number | null {
  const item = getNamedType(type);
  if (!isListType(getNullableType(type)) || !isCompositeType(item)) return null;
  const isPlain =
    isObjectType(item) &&
    Object.values(item.getFields()).every(
      (field) => isLeafType(getNamedType(field.type)) && field.extensions['hasOwnResolver'] !== true,
    );
  return isPlain ? SMALL_PORTION : MAX_PAGE;
}

function letWait(field: GraphQLField<unknown, unknown>, portion: number): void {
  const resolve = field.resolve ?? defaultFieldResolver;
  const wait = (answer: unknown): unknown => inPortions(answer, portion);
  field.resolve = (source, args: Record<string, unknown>, context, info) => {
    const answer: unknown = resolve(source, args, context, info);
    return answer instanceof Promise ? answer.then(wait) : wait(answer);
  };
}

/** The items of a long list, to be had portion by portion; anything else as it is. */
function inPortions(answer: unknown, portion: number): unknown {
  if (!Array.isArray(answer) || answer.length <= portion) return answer;
  const items: unknown[] = answer.slice(0, portion);
  for (let start = portion; start < answer.length; start += portion) {
    const itsTurn = nextPortion();
    for (const item of answer.slice(start, start + portion) as unknown[]) items.push(itsTurn.then(() => item));
  }
  return items;
}

const waiting: (() => void)[] = [];
let isReleasing = false;

/** Resolved when all that asked before have had theirs: of the whole process, one portion in each round of the loop. */
function nextPortion(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (isReleasing) return;
    isReleasing = true;
    setImmediate(release);
  });
}

/** What a portion makes, more long lists among it, is made before the next round. */
function release(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(release);
  else isReleasing = false;
}
