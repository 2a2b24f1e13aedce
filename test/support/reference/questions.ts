import fc from 'fast-check';
import type { Client } from '../client.js';
import { askFacts, askLineage } from './ask.js';
import { type AskedPages, comparePages } from './ask-pages.js';
import { askProvenance, askTrainedOn } from './ask-versions.js';
import type { Asked, Comparison, World } from './asking.js';
import type { Kind, Steps } from './events.js';
import { ANSWER } from './lineage-comparison.js';
import { BUILDER } from './model.js';
import type { AskedWalk } from './walk-question.js';
import { TAGS, VIEWERS } from './wishes.js';

export type Question = Asked &
  (
    | ({ about: 'lineage' } & AskedWalk)
    | { about: 'provenance'; walk: Steps }
    | { about: 'trainedOn'; version: number }
    | { about: 'facts'; asset: number }
  );

/**
 * Few, because Neo4j plans each text anew for each type of each parameter, a list of one apart from a longer one; planning
 * costs it more than many answers. So a walk has a filter always or never, and kinds are several.
 */
const WALKS: AskedWalk['walk'][] = [
  { direction: 'BOTH', depth: 8, filtered: false, ofKinds: false },
  { direction: 'DOWNSTREAM', depth: 3, filtered: false, ofKinds: true },
  { direction: 'UPSTREAM', depth: 2, filtered: true, ofKinds: true },
  { direction: 'BOTH', depth: 6, filtered: true, ofKinds: false },
];
const KINDS: Kind[] = ['DATASET', 'TRANSFORMATION', 'MODEL', 'DEPLOYMENT'];
const clock = fc.option(fc.nat(40), { freq: 6 });
const asked = { viewer: fc.constantFrom(BUILDER, ...VIEWERS), asOf: clock, knownAt: clock };
const few = fc.subarray(KINDS, { maxLength: 2 });
const lineage = {
  ...asked,
  walk: fc.constantFrom(...WALKS),
  kinds: fc.subarray(KINDS, { minLength: 2 }),
  ignore: fc.record({ kinds: few, tags: fc.subarray(TAGS), asset: fc.option(fc.nat(99)) }),
  until: fc.record({ kinds: few, tags: fc.subarray(TAGS), owners: fc.subarray(VIEWERS) }),
};
const steps = fc.constantFrom(...WALKS.slice(0, 3));

export const questions: fc.Arbitrary<Question> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ ...lineage, about: fc.constant('lineage') }),
  },
  { weight: 2, arbitrary: fc.record({ ...asked, about: fc.constant('provenance'), walk: steps }) },
  { weight: 1, arbitrary: fc.record({ ...asked, about: fc.constant('trainedOn'), version: fc.nat(99) }) },
  { weight: 2, arbitrary: fc.record({ ...asked, about: fc.constant('facts'), asset: fc.nat(99) }) },
);

/** Lineage asked for page by page, each page by itself. */
export const paged: fc.Arbitrary<AskedPages> = fc.record({
  ...lineage,
  walk: fc.constantFrom(...WALKS.filter(({ direction }) => direction === 'BOTH')),
  roots: fc.array(fc.nat(99), { minLength: 2, maxLength: 3 }),
  first: fc.integer({ min: 1, max: 3 }),
});

/** What the builder is asked after each event. */
export const QUESTION_OF_NOW: Question = {
  about: 'lineage',
  viewer: BUILDER,
  walk: { direction: 'BOTH', depth: 8, filtered: false, ofKinds: false },
  kinds: [],
  ignore: { kinds: [], tags: [], asset: null },
  until: { kinds: [], tags: [], owners: [] },
  asOf: null,
  knownAt: null,
};

/** Asks the server and the model, and expects the same. How many answers were compared. */
export async function compare(
  asked: readonly Question[],
  world: World,
  people: ReadonlyMap<string, Client>,
): Promise<number> {
  const each = await Promise.all(
    [...people].map(([viewer, client]) =>
      compareAs(
        client,
        asked.filter((question) => question.viewer === viewer).flatMap((question) => ask(question, world) ?? []),
      ),
    ),
  );
  return each.reduce((sum, count) => sum + count, 0);
}

/** The same page by page. */
export async function compareEachPaged(
  asked: readonly AskedPages[],
  world: World,
  people: ReadonlyMap<string, Client>,
): Promise<number> {
  let count = 0;
  for (const question of asked) {
    const client = people.get(question.viewer);
    if (!client) throw new Error(`There is nobody called ${question.viewer}.`);
    count += await comparePages(question, world, client);
  }
  return count;
}

/** All questions of one person in one request. */
async function compareAs(client: Client, comparisons: readonly Comparison[]): Promise<number> {
  if (comparisons.length === 0) return 0;
  const fields = comparisons.map(({ field }, index) => `q${index}: ${field}`);
  const fragment = fields.some((field) => field.includes('...Answer')) ? ANSWER : '';
  const answers = await client.data(`{ ${fields.join('\n')} } ${fragment}`);
  for (const [index, { check }] of comparisons.entries()) check(answers[`q${index}`]);
  return comparisons.reduce((sum, { answers: count }) => sum + count, 0);
}

/** null: there is nothing yet that could be asked about. */
function ask(question: Question, world: World): Comparison | null {
  switch (question.about) {
    case 'lineage':
      return askLineage(question, world);
    case 'provenance':
      return askProvenance(question, world);
    case 'trainedOn':
      return askTrainedOn(question, world);
    case 'facts':
      return askFacts(question, world);
  }
}
