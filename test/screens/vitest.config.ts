/** For `npm run screens`: makes the pictures, and is no part of the tests. */
import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['test/screens/make.ts'], testTimeout: 60_000 } });
