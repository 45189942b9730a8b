/** The figures of the benchmarks, compared with figures computed by hand. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { estimates, figures, median, proportion } from '../bench/support/statistics.js';

/** @param {number} value @param {number} expected */
const near = (value, expected, tolerance = 1e-12) =>
  assert.ok(Math.abs(value - expected) <= tolerance, `${value} is not ${expected}`);

describe('statistics', () => {
  it('gives the median and the quartiles', () => {
    assert.deepEqual(median([4, 1, 3, 2, 5]), { value: 3, lower: 2, upper: 4 });
    assert.deepEqual(median([1, 2]), { value: 1.5, lower: 1.25, upper: 1.75 });
  });

  it("gives Wilson's interval as Newcombe (1998, table I) prints it", () => {
    const { lower, upper } = proportion(81, 263);
    near(lower, 0.2553, 5e-5);
    near(upper, 0.3662, 5e-5);
    near(proportion(0, 20).lower, 0);
    near(proportion(0, 20).upper, 0.1611, 5e-5);
  });

  // 4 + 3 + 2 = 9 of twelve pairs are ordered correctly and one is tied. A threshold between 5 and 6 is best: 5 of 7.
  // The error rates are 0 and 2/3 at 1, 1/4 and 1/3 at 3, and 2/4 and 1/3 at 4. So they are equal at 1/3.
  it('agrees with figures computed by hand, including a tie', () => {
    const { auc, eer, accuracy } = figures({ genuine: [5, 1, 3], impostor: [6, 3, 7, 4] });
    near(auc, 9.5 / 12);
    near(eer, 1 / 3);
    near(accuracy, 5 / 7);
  });

  it('handles separated and indistinguishable distances', () => {
    assert.deepEqual(figures({ genuine: [0.1, 0.2], impostor: [1, 1.2] }), { auc: 1, eer: 0, accuracy: 1 });
    assert.deepEqual(figures({ genuine: [1, 1], impostor: [1, 1] }), { auc: 0.5, eer: 0.5, accuracy: 0.5 });
  });

  it('gives intervals around the figures that are the same every time', () => {
    const distances = {
      genuine: Array.from({ length: 60 }, (_, i) => i / 60),
      impostor: Array.from({ length: 60 }, (_, i) => 0.5 + i / 60),
    };
    const { auc } = estimates(distances);
    assert.ok(0 < auc.lower && auc.lower < auc.value && auc.value < auc.upper && auc.upper < 1);
    assert.deepEqual(estimates(distances).auc, auc);
  });
});
