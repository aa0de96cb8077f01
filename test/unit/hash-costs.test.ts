import { HashCosts } from '../../src/security/passwords/hash-costs';

const KEY = Buffer.alloc(32, 7);
const names = Array.from({ length: 2000 }, (_, i) => `name-${i}`);

/** How many of the names draw each cost. */
function drawn(costs: HashCosts): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const name of names) counts[costs.drawFor(name)] = (counts[costs.drawFor(name)] ?? 0) + 1;
  return counts;
}

test('a name draws the configured cost until others are in use', () => {
  expect(drawn(new HashCosts(10, KEY))).toEqual({ 10: 2000 });
});

test('names draw the costs in use in proportion to their use', () => {
  const costs = new HashCosts(10, KEY);
  costs.replace([
    { cost: 12, count: 300 },
    { cost: 10, count: 700 },
  ]);
  const { 10: usual, 12: higher } = drawn(costs);
  expect(usual! + higher!).toBe(2000);
  expect(higher).toBeGreaterThan(500);
  expect(higher).toBeLessThan(700);
});

test('a name draws the same cost every time and in every process, and another under another key', () => {
  const make = (key: Buffer) => {
    const costs = new HashCosts(10, key);
    costs.replace([10, 11, 12, 13].map((cost) => ({ cost, count: 1 })));
    return names.map((name) => costs.drawFor(name));
  };
  expect(make(KEY)).toEqual(make(KEY));
  expect(make(KEY)).not.toEqual(make(Buffer.alloc(32, 8)));
});

test('a cost that a login meets is in use, and one that the count has is not counted again', () => {
  const costs = new HashCosts(10, KEY);
  costs.observe(10);
  costs.observe(4);
  costs.observe(4);
  const { 4: rare } = drawn(costs);
  expect(rare).toBeGreaterThan(900);
  expect(rare).toBeLessThan(1100);
});

test('an empty count changes nothing', () => {
  const costs = new HashCosts(10, KEY);
  costs.replace([]);
  expect(costs.drawFor('anyone')).toBe(10);
});
