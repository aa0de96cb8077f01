import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'graphql';
import { DocumentCache } from '../../src/graphql/server/document-cache';
import { createOperation, dropUndeclaredVariables, operationsOf } from '../../src/graphql/server/operation';

/** As Apollo hands it over: with locations that refer to every token. */
const accepted = (text: string, isAuthenticated: boolean) => {
  const document = parse(text);
  return { text, document, operation: createOperation(document, operationsOf(document)[0]!), isAuthenticated };
};

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const large = (i: number) => `# ${i}\n{ me { ${'id username roles { name } '.repeat(110)} } }`;

test('finds an operation by its exact text, in the segment of either kind of client', () => {
  const cache = new DocumentCache();
  cache.add(accepted('{ me { id } }', true));
  cache.add(accepted('{ __typename }', false));
  expect(cache.find({ query: '{ me { id } }' })?.operation.name).toBeUndefined();
  expect(cache.find({ query: '{ __typename }' })).not.toBeNull();
  expect(cache.find({ query: '{ me { id }  }' })).toBeNull();
});

test('clients without a token evict nothing of those with one', () => {
  const cache = new DocumentCache();
  cache.add(accepted('{ me { id } }', true));
  cache.add(accepted('{ __typename }', false));
  for (let i = 0; i < 300; i++) cache.add(accepted(large(i), false));
  expect(cache.find({ query: '{ me { id } }' })).not.toBeNull();
  expect(cache.find({ query: '{ __typename }' })).toBeNull();
});

test('holds no token of a document, and keeps the places that errors name', () => {
  const cache = new DocumentCache();
  const entry = accepted('{ me { id } }', true);
  cache.add(entry);
  const { loc } = operationsOf(entry.document)[0]!;
  expect(Object.keys(loc!).sort()).toEqual(['end', 'source', 'start']);
});

/** Bytes of the heap once it is level: what earlier files have left goes in several collections. */
async function levelHeap(): Promise<number> {
  for (let last = Number.POSITIVE_INFINITY; ; ) {
    collectGarbage();
    await setImmediate();
    collectGarbage();
    const now = process.memoryUsage().heapUsed;
    if (last - now < 100_000) return now;
    last = now;
  }
}

test('1,500 documents of 3 KB take tens of megabytes', async () => {
  const before = await levelHeap();
  const cache = new DocumentCache();
  for (let i = 0; i < 1500; i++) cache.add(accepted(large(i), i % 2 === 0));
  const grown = ((await levelHeap()) - before) / 1_000_000;
  expect(cache.find({ query: large(1499) })).not.toBeNull();
  expect(grown).toBeGreaterThan(5);
  expect(grown).toBeLessThan(40);
});

test('variables that the operation does not declare are deleted', () => {
  const { operation } = accepted('query Q($first: Int) { users(first: $first) { nodes { id } } }', true);
  const variables = { first: 1, junk: 'x', __proto: { a: 1 } };
  dropUndeclaredVariables(operation, variables);
  expect(variables).toEqual({ first: 1 });
});
