const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

/**
 * Runs the test files of a worker in the worker's own realm, one after the other. Jest's own
 * environment gives each file a new realm, in which the server and its packages would be loaded
 * again and of which V8 keeps 40 MB a file.
 */
module.exports = class Environment {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  fakeTimers = null; // the legacy ones
  #console = console;
  #exit = process.exit;

  constructor({ projectConfig }) {
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose();
    globalThis.console = this.#console;
    process.exit = this.#exit;
    // jest-circus leaves the tests and handlers of a file to its realm, which the next file shares
    for (const key of Object.getOwnPropertySymbols(globalThis))
      if (/^[A-Z]+(_[A-Z]+)+$/.test(key.description)) delete globalThis[key];
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return null; // the worker's own
  }
};
