import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that run the engine thousands of times each, and load little else. */
const SWEEPS = /\/test\/(dissectors|field)\//;

/**
 * Sweeps first, each part in the usual order. A run of the engine takes buffers outside of the heap, and V8 marks the whole heap
 * each time that so many of them have come together; a worker keeps all that its files have loaded. With a hundred megabytes
 * more in the heap, conforming conversations of ministreaming took twice the CPU time.
 */
class SweepsFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    const isSweep = ({ moduleId }: TestSpecification) => SWEEPS.test(moduleId);
    return [...usual.filter(isSweep), ...usual.filter(file => !isSweep(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // No test changes what other files see, and loading the sources anew for each file took longer than most files' tests.
    isolate: false,
    // The protocols of examples/ are written against the package.
    alias: {
      'wirelint/sdk': new URL('src/sdk.ts', import.meta.url).pathname,
      'wirelint/testkit': new URL('src/testkit.ts', import.meta.url).pathname,
    },
    sequence: { sequencer: SweepsFirst },
    // A worker a core: by default one core is left idle, and many tests wait for programs that they have started.
    maxWorkers: '100%',
  },
});
