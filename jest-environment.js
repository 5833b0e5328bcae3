import { AsyncLocalStorage } from 'node:async_hooks';
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/** The storages that were used since the last test file. jest-circus has one in each file. */
const storages = new Set();

for (const method of ['run', 'enterWith']) {
  const original = AsyncLocalStorage.prototype[method];
  AsyncLocalStorage.prototype[method] = function (...args) {
    storages.add(this);
    return original.apply(this, args);
  };
}

/** Jest's environment for Node without two things that took most of the time of the tests, and that no option changes. */
export default class FasterEnvironment extends TestEnvironment {
  constructor(config, context) {
    const { createContext } = vm;
    // Node intercepts each use of `Object`, `Promise` or `Number` in Jest's global object, which makes it a hundred times
    // slower. A plain global object has no interceptors.
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }

  /** A storage that stays enabled delays each promise of every later file in the same process. */
  async teardown() {
    for (const storage of storages) storage.disable();
    storages.clear();
    await super.teardown();
  }
}
