import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// The member's page and the staff's are two entries: neither downloads what only the other one needs.
export default defineConfig({
  plugins: [react()],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    // Small files stay files: the policy of the pages knows no data: fonts or scripts.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: {
        member: resolve(import.meta.dirname, 'index.html'),
        staff: resolve(import.meta.dirname, 'staff/index.html'),
      },
    },
  },
  server: { proxy: { '/api': process.env.JANGBU_URL ?? 'http://127.0.0.1:4070' } },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
