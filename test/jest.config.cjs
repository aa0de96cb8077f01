module.exports = {
  rootDir: '..',
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  globalSetup: '<rootDir>/test/runner/global-setup.ts',
  globalTeardown: '<rootDir>/test/runner/global-teardown.ts',
  reporters: ['default', '<rootDir>/test/runner/closing-summary.cjs'],
  maxWorkers: '100%', // jest leaves one core alone, which is half of a small machine; much of the time is spent waiting
  testTimeout: 30_000,
  forceExit: true, // a failing test may leave a server behind, and must not hold up the run
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
