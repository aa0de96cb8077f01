const fs = require('node:fs');
const path = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

const root = path.resolve(__dirname, '..');
/** What takes long for its size: the first ones longest. */
const LONG = [
  'properties/',
  'resilience/embedded-postgres/',
  'browser/',
  'attacks/',
  'resilience/',
  'docs/',
  'cli/',
  'kong/sign-in',
  'contracts/identity/',
  'graphql/refresh-races',
  'graphql/hostile-strings',
  'graphql/recovery',
  'kong/credential-ends',
];

/**
 * Starts the long files first, so that none of them is what the other workers wait for at the end.
 * Jest's own goes by how long each took the last time, which a fresh clone does not know.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path: file }) => {
      const relative = path.relative(root, file);
      const index = LONG.findIndex((start) => relative.startsWith(start));
      return index < 0 ? LONG.length : index;
    };
    const size = ({ path: file }) => fs.statSync(file).size;
    return [...tests].sort((a, b) => rank(a) - rank(b) || size(b) - size(a));
  }
};
