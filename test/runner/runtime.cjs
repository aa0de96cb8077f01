const { createRequire } = require('node:module');
const path = require('node:path');
const { compileFunction } = require('node:vm');
const { default: Runtime } = require('jest-runtime');

const root = path.resolve(__dirname, '../..');

/**
 * Loads the files of test/ anew for each test file, as jest does, and everything else once in a
 * worker, as Node does: packages, and the server as `npm run build` has compiled it.
 */
class SharingRuntime extends Runtime {
  constructor(...args) {
    super(...args);
    const { executor } = this;
    executor.compile = (source, filename) => compileFunction(source, executor.injectedModuleParameters, { filename });
  }

  requireModuleOrMock(from, name) {
    const shared = sharedModule(from, name);
    return shared ? createRequire(from)(shared) : super.requireModuleOrMock(from, name);
  }
}

/** What Node is to load for an import, or null where it is jest's to load. */
function sharedModule(from, name) {
  if (!name.startsWith('.')) return name.startsWith('@jest/') ? null : name;
  const file = path.relative(root, path.resolve(path.dirname(from), name));
  if (/^(src|migrations)\//.test(file)) return path.join(root, 'dist', file);
  return file.endsWith('.mjs') ? name : null;
}

module.exports = { __esModule: true, default: SharingRuntime };
