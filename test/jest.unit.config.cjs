/** The tests of test/unit alone, which need neither PostgreSQL nor Redis. */
const { globalSetup, globalTeardown, ...all } = require('./jest.config.cjs');

module.exports = { ...all, roots: ['<rootDir>/test/unit'] };
