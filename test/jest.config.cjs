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
  maxWorkers: '150%', // more than cores, since files that start processes or pages wait for them much of their time
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
