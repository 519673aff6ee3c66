import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['e2e/measure.ts', 'e2e/scrolling.ts'],
    environment: 'node',
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
});
