import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { parse } from 'graphql';
import { DocumentCache } from '../../src/graphql/server/document-cache';
import { createOperation, dropUndeclaredVariables, operationsOf } from '../../src/graphql/server/operation';

/** As Apollo hands it over: with locations that refer to every token. */
const accepted = (text: string, isAuthenticated: boolean) => {
  const document = parse(text);
  return { text, document, operation: createOperation(document, operationsOf(document)[0]!), isAuthenticated };
};

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

/** Measured in a process of its own: the heap of a worker holds what other files have left. */
const MEASURE = `
  const { parse } = require('graphql');
  const { DocumentCache } = require('./dist/src/graphql/server/document-cache.js');
  const { createOperation, operationsOf } = require('./dist/src/graphql/server/operation.js');
  const used = () => (gc(), process.memoryUsage().heapUsed);
  const large = (i) => '# ' + i + '\\n{ me { ' + 'id username roles { name } '.repeat(110) + ' } }';
  const before = used();
  const cache = new DocumentCache();
  for (let i = 0; i < 1500; i++) {
    const document = parse(large(i));
    const operation = createOperation(document, operationsOf(document)[0]);
    cache.add({ text: large(i), document, operation, isAuthenticated: i % 2 === 0 });
  }
  console.log(cache.find({ query: large(1499) }) === null ? 0 : (used() - before) / 1e6);`;

test('1,500 documents of 3 KB take tens of megabytes', () => {
  const root = path.join(__dirname, '../..');
  const grown = Number(execFileSync(process.execPath, ['--expose-gc', '-e', MEASURE], { cwd: root }).toString());
  expect(grown).toBeGreaterThan(5);
  expect(grown).toBeLessThan(40);
});

test('variables that the operation does not declare are deleted', () => {
  const { operation } = accepted('query Q($first: Int) { users(first: $first) { nodes { id } } }', true);
  const variables = { first: 1, junk: 'x', __proto: { a: 1 } };
  dropUndeclaredVariables(operation, variables);
  expect(variables).toEqual({ first: 1 });
});
