import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  // The page is served from the program's own files; nothing may be inlined as `data:`, which the
  // content security policy refuses.
  base: './',
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 2000,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 5173,
    strictPort: true,
    // Tests hold the window's sentences against the codes in the core's source.
    fs: { allow: ['.', '../crates/app/src/import', '../crates/sheet/src'] },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    // antd's pop-ups take their time in jsdom on a small machine.
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
