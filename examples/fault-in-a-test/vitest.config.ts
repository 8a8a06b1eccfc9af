import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/**/*.test.ts'] },
  // The protocol is another folder's, which need not have wirelint installed: it is given the one that is installed here.
  resolve: { dedupe: ['wirelint'] },
});
