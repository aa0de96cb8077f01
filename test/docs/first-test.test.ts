import { read } from './documents';

test('the first test of test/README.md is one that runs', () => {
  const [, block] = /```ts\n([\s\S]*?)```/.exec(read('test/README.md'))!;
  expect(read('test/graphql/first.test.ts')).toBe(block);
});
