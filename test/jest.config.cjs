const { availableParallelism } = require('node:os');

module.exports = {
  rootDir: '..',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testEnvironment: '<rootDir>/test/runner/environment.cjs',
  runtime: '<rootDir>/test/runner/runtime.cjs',
  globalSetup: '<rootDir>/test/runner/global-setup.ts',
  globalTeardown: '<rootDir>/test/runner/global-teardown.ts',
  testSequencer: '<rootDir>/test/runner/sequencer.cjs',
  reporters: ['default', '<rootDir>/test/runner/closing-summary.cjs'],
  maxWorkers: Math.ceil(availableParallelism() * 1.5), // more than cores: files wait for processes and pages
  workerIdleMemoryLimit: '500MB', // a worker whose heap has grown is replaced between two files: 1 GB in all at most
  testTimeout: 300_000, // a bound for what hangs; how long something takes is measured by the benchmark
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'commonjs' },
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
        },
      },
    ],
  },
  coverageProvider: 'v8', // babel counts SWC's decorator helpers as uncovered branches
  collectCoverageFrom: ['src/**/*.ts'],
};
