import { describe, expect, it } from 'vitest';
import { hopLimit } from '../../src/lineage/trace/hops.js';
import { MAX_LINEAGE_DEPTH } from '../../src/lineage/trace/lineage.js';

const depths = Array.from({ length: MAX_LINEAGE_DEPTH }, (_, index) => index + 1);

describe('the bounds of walks', () => {
  it('reach as far as was asked for', () => {
    expect(depths.filter((depth) => hopLimit(depth) < depth)).toEqual([]);
  });

  it('are few, because each makes a text to plan', () => {
    expect(new Set(depths.map(hopLimit)).size).toBeLessThanOrEqual(12);
  });

  it('are exact for the depths that are asked for most', () => {
    expect([1, 2, 3, 5, 20, MAX_LINEAGE_DEPTH].map(hopLimit)).toEqual([1, 2, 3, 5, 20, MAX_LINEAGE_DEPTH]);
  });
});
