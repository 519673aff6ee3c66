import { defineConfig } from 'vitest/config';

// Tests against the real program in a real browser. Files run one after the other, because both use the machine's
// processors.
export default defineConfig({
  test: {
    include: ['e2e/**/*.e2e.ts'],
    environment: 'node',
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['verbose'],
  },
});
