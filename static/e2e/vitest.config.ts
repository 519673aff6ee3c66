import { defineConfig } from 'vitest/config';

// Against the real program, in a real browser: one file at a time, because both want the machine's processors.
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
