import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Serves the staff's page for every address below `/staff` in development, as the service does. */
const staffPages: Plugin = {
  name: 'staff-pages',
  configureServer(server) {
    server.middlewares.use((request, _response, next) => {
      if (/^\/staff(\/[^.]*)?(\?.*)?$/.test(request.url ?? '')) request.url = '/staff/index.html';
      next();
    });
  },
};

// The member's page and the staff's are two entries: neither downloads what only the other one needs.
export default defineConfig({
  plugins: [react(), staffPages],
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    // Small files stay files: the pages' Content-Security-Policy allows no `data:` fonts or scripts.
    assetsInlineLimit: 0,
    rollupOptions: {
      input: {
        member: resolve(import.meta.dirname, 'index.html'),
        staff: resolve(import.meta.dirname, 'staff/index.html'),
      },
    },
  },
  server: {
    proxy: {
      // The service rejects requests whose Origin differs from their Host, so the proxy keeps the Host.
      '/api': { target: process.env.JANGBU_URL ?? 'http://127.0.0.1:8080', changeOrigin: false },
    },
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
});
