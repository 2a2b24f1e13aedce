import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerWithin, writeAnswer, writeWithin } from '../../src/graphql/limits/response-budget.js';

/** What graphql makes: objects without prototype, times, and members that are not there. */
const result = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium' },
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, undefined),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 5, noNullPrototype: false }),
  ),
})).value;

describe('an answer', () => {
  it('is written as JSON.stringify writes it, and not at all with one byte less to spare', async () => {
    await fc.assert(
      fc.asyncProperty(result, async (data) => {
        const expected = JSON.stringify({ data });
        const bytes = Buffer.byteLength(expected);
        expect(await writeWithin({ data }, bytes)).toBe(expected);
        expect(await writeWithin({ data }, bytes - 1)).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  it('that is too large is an error that tells the limit, and keeps what else was told', async () => {
    const answer = { data: { a: 'x'.repeat(1_000) }, extensions: { consistency: 'token' } };
    const refused = {
      errors: [
        {
          message: expect.stringContaining('larger than 500 bytes') as string,
          extensions: { code: 'LIMIT_EXCEEDED', limit: 'responseBytes', maximum: 500 },
        },
      ],
      data: null,
      extensions: { consistency: 'token' },
    };
    expect(JSON.parse(await writeAnswer(answer, 500))).toEqual(refused);
    expect(await answerWithin(answer, 500)).toEqual(refused);
    expect(await answerWithin(answer, 5_000)).toBe(answer);
  });

  it('holding one text a thousand times is given up before it is written', async () => {
    const text = 'x'.repeat(240_000);
    const items = Array.from({ length: 1_200 }, () => ({ node: { description: text } }));
    expect(await writeWithin({ data: { items } }, 8_388_608)).toBeNull();
  });

  it('gives others a turn while it is written', async () => {
    let turns = 0;
    const count = (): void => {
      turns++;
      waiting = setImmediate(count);
    };
    let waiting = setImmediate(count);
    await writeWithin({ items: Array.from({ length: 200_000 }, (_, n) => ({ node: { n } })) }, 100_000_000);
    clearImmediate(waiting);
    expect(turns).toBeGreaterThan(2);
  });
});
