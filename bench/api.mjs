import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { PASSWORD, userName } from './seed.mjs';
import { ADMIN } from './server-process.mjs';

const operations = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../schema/operations');
const read = (name) => readFileSync(path.join(operations, `${name}.graphql`), 'utf8');

/**
 * Only those fragments that the document uses, as a client's bundle holds them: another one is an
 * error in GraphQL.
 */
function withFragments(text) {
  const all = Object.fromEntries(
    read('fragments')
      .split(/^(?=fragment )/m)
      .map((fragment) => [/^fragment (\w+)/.exec(fragment)?.[1], fragment.trim()]),
  );
  const used = new Map();
  const visit = (part) => {
    for (const [, name] of part.matchAll(/\.\.\.(\w+)/g)) {
      if (used.has(name)) continue;
      used.set(name, all[name]);
      visit(all[name]);
    }
  };
  visit(text);
  return [text.trim(), ...used.values()].join('\n');
}

/** The documents of schema/operations: what REST and the clients send too. */
export const documents = {
  me: withFragments(read('me')),
  login: withFragments(read('login')),
  introspect: withFragments(read('introspect')),
  refresh: withFragments(read('refresh')),
  users: withFragments(read('users')),
};

/** The list of W4 has the users alone, so that the floor sends the same bytes. */
export const LIST = withFragments(read('users').replace(/pageInfo \{[^}]*\}/, ''));

const HEADERS = { 'content-type': 'application/json' };
export const bearer = (token) => ({ ...HEADERS, authorization: `Bearer ${token}` });

/** A request for the generator. */
export const graphqlRequest = (query, variables, token) => ({
  method: 'POST',
  path: '/graphql',
  headers: token ? bearer(token) : HEADERS,
  body: JSON.stringify({ query, ...(variables && { variables }) }),
});

/** Sends one request of the generator. @returns status and text */
export async function send(target, { method, path: where, headers, body }) {
  const answer = await fetch(target.url + where, { method, headers, ...(body !== undefined && { body }) });
  return { status: answer.status, text: await answer.text() };
}

/** @throws Error when the answer has errors */
async function graphql(target, query, variables, token) {
  const { status, text } = await send(target, graphqlRequest(query, variables, token));
  const body = JSON.parse(text);
  if (status !== 200 || body.errors) throw new Error(`${status} ${text.slice(0, 500)}`);
  return body.data;
}

/** @returns the tokens of a new session */
async function logIn(target, input) {
  const { login } = await graphql(target, documents.login, { input });
  return login.tokens;
}

export const logInAsAdmin = (target) => logIn(target, ADMIN);
export const logInAsUser = (target, number) => logIn(target, { username: userName(number), password: PASSWORD });

/** Tokens of new sessions of the first `count` users. */
export async function logInMany(target, count, from = 1) {
  const numbers = Array.from({ length: count }, (_, i) => from + i);
  return Promise.all(numbers.map((number) => logInAsUser(target, number)));
}
