import { buildSchema, graphql } from 'graphql';
import { awaitPropagation } from '../../src/graphql/server/await-propagation';

const schema = buildSchema(
  'type Query { ok: Boolean } type Mutation { logout: Boolean fails: Boolean login: Boolean }',
);
let received: () => void = () => undefined;
let waiting = 0;
awaitPropagation(schema, () => {
  waiting++;
  return new Promise((resolve) => (received = resolve));
});
const rootValue = {
  logout: () => true,
  login: () => true,
  fails: () => {
    throw new Error('refused');
  },
};
beforeEach(() => (waiting = 0));

test.each(['logout', 'fails'])('the answer to a mutation waits for its change: %s', async (field) => {
  let isAnswered = false;
  const answer = graphql({ schema, source: `mutation { ${field} }`, rootValue }).finally(() => (isAnswered = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect([waiting, isAnswered]).toEqual([1, false]);
  received();
  expect((await answer).errors?.[0]?.message).toBe(field === 'fails' ? 'refused' : undefined);
});

test('one that takes no right away does not wait', async () => {
  expect(await graphql({ schema, source: 'mutation { login }', rootValue })).toEqual({ data: { login: true } });
  expect(waiting).toBe(0);
});
