import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // No test changes what other files see, and loading the sources anew for each file took longer than most files' tests.
    isolate: false,
    // A worker a core: by default one core is left idle, and many tests wait for programs that they have started.
    maxWorkers: '100%',
  },
});
