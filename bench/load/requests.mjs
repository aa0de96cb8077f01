import { at, authorize, json } from './checks.mjs';

const build = ({ method = 'POST', path, headers = {} }, body) => ({
  method,
  path,
  headers,
  ...(body !== undefined && { body }),
});

/**
 * What each connection sends, one request after the other. Each pattern says, for the connection of
 * that index, what to send next (`next`, where it changes) and what to do with an answer
 * (`answered`, false when the answer is wrong).
 */
export const patterns = {
  /** The same request for ever. */
  same(_index, { request, check }) {
    return { first: build(request, request.body), answered: authorize(check) };
  },

  /** One of many bodies after the other; connections begin at different places. */
  turns(index, { request, bodies, check, connections }) {
    let turn = Math.floor((index * bodies.length) / connections);
    return { first: build(request), next: () => bodies[turn++ % bodies.length], answered: authorize(check) };
  },

  /**
   * Each connection owns one of `tokens` and sends what the last answer gave it: a chain of refresh
   * tokens.
   */
  chain(index, { request, tokens, placeholder, answerPath, check }) {
    const isRight = authorize(check);
    return {
      first: build(request),
      next: () => request.body.replace(placeholder, tokens[index]),
      answered: (status, body) => {
        if (!isRight(status, body)) return false;
        tokens[index] = at(json(body), answerPath);
        return true;
      },
    };
  },
};

/**
 * Sets a client of autocannon up. `ended()` says whether the slice is over: what is in flight is
 * still waited for.
 */
export function drive(client, { first, next, answered }, { wrong, ended }) {
  const onResponse = (status, body) => {
    if (!answered(status, body)) wrong(status, body);
    if (ended()) client.responseMax = client.reqsMade;
  };
  const setupRequest = next && ((request) => ({ ...request, body: next() }));
  client.setRequests([{ ...first, onResponse, ...(setupRequest && { setupRequest }) }]);
}
