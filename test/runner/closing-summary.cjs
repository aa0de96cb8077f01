/**
 * A jest reporter for the end of the run: which suites were skipped and why, then one line of
 * figures, alone and last. With CI=true a run that skipped anything fails: there everything that
 * the tests need has to be installed.
 */
module.exports = class ClosingSummary {
  /**
   * @returns {Error | undefined} what makes the run fail although every test that ran has passed
   */
  getLastError() {
    return this.error;
  }

  onRunComplete(_contexts, results) {
    const skipped = results.numPendingTests + results.numTodoTests;
    // a file that does not even load has no tests to count, and is a failure all the same
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const lines = skippedSuites(results).map(([suite, reason]) => `skipped: ${suite}: ${reason}`);
    if (skipped > 0 && process.env.CI === 'true') {
      this.error = new Error('tests were skipped');
      lines.push('CI=true: nothing may be skipped, so this run fails.');
    }
    lines.push(`${results.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    // jest writes its own summary after all reporters, so only the end of the process comes later
    process.once('exit', () => process.stdout.write(`\n${lines.join('\n')}\n`));
  }
};

/**
 * Pairs of suite and reason, each suite once. Titles carry the reason as test/support/redis.ts
 * writes it.
 */
function skippedSuites(results) {
  const suites = new Map();
  for (const file of results.testResults) {
    for (const test of file.testResults) {
      if (test.status !== 'pending') continue;
      const match = test.ancestorTitles.map((title) => /^(.*) \[skipped: (.*)\]$/.exec(title)).find(Boolean);
      suites.set(match ? match[1] : test.fullName, match ? match[2] : 'no reason given');
    }
  }
  return [...suites];
}
