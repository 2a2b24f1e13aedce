import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Deed, VisibilityWorld } from '../support/visibility-world.js';

let world: VisibilityWorld;
beforeAll(async () => {
  world = await VisibilityWorld.begin();
});
afterAll(() => world.server.stop());

const number = fc.nat(4);
const some = fc.uniqueArray(number, { minLength: 1, maxLength: 3 });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('own' as const), asset: number, owners: some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), team: number, members: some }) },
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ do: fc.constant('grant' as const), by: number, asset: number, to: number },
      minutes: fc.integer({ min: 1, max: 20 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('revoke' as const), by: number, grant: number }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass' as const), grant: number, milliseconds: fc.constantFrom(-1, 0, 1) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('open' as const, 'close' as const),
      asset: fc.option(number),
      space: number,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('move' as const, 'retire' as const), asset: number, space: number }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('register' as const), by: number, space: number }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('visit' as const) }) },
);

const CLOSED: Deed[] = [
  { do: 'register', by: 0, space: 0 },
  { do: 'close', asset: null, space: 0 },
  { do: 'close', asset: null, space: 1 },
  { do: 'join', team: 0, members: [1] },
];

async function expectRight(): Promise<void> {
  const { seen, truth, off } = await world.sights();
  expect(seen).toEqual(truth);
  expect(off).toEqual([]);
}

describe('who sees an asset', () => {
  it(
    'is what owners, teams, grants, namespaces and sessions say, after whatever happened',
    { timeout: 600_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(deed, { minLength: 4, maxLength: 16 }), async (deeds) => {
          world.forget();
          for (const each of [...CLOSED, ...deeds]) {
            await world.do(each);
            await expectRight();
          }
        }),
        { numRuns: 8, endOnFailure: true },
      );
    },
  );

  it('is told to a member of a team by a grant to it, and no more at the millisecond in which that ends', async () => {
    world.forget();
    for (const each of CLOSED) await world.do(each);
    await world.do({ do: 'grant', by: 0, asset: 0, to: 3, minutes: 5 });
    const sights = async (): Promise<number> => (await world.sights()).seen.length;
    // The administrator, the owner and the member.
    expect(await sights()).toBe(3);
    await world.do({ do: 'pass', grant: 0, milliseconds: -1 });
    expect(await sights()).toBe(3);
    await world.do({ do: 'pass', grant: 0, milliseconds: 0 });
    expect(await sights()).toBe(2);
    await expectRight();
  });
});
