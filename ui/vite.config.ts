// The dashboard's build, its development server and its unit tests.
//
// The development server stands on port 3000 and passes /api on to a running `argus serve`. The server refuses
// foreign Host and Origin headers whatever the route, so the proxy rewrites them: the server needs no bypass.
import { fileURLToPath } from 'node:url'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const server = process.env.ARGUS_URL ?? 'http://127.0.0.1:7777'

export default defineConfig({
  plugins: [react(), tailwindcss()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2023',
    // Data URIs for scripts and styles would break the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: '127.0.0.1',
    port: 3000,
    strictPort: true,
    proxy: {
      '/api': {
        target: server,
        changeOrigin: true,
        configure: (proxy) => {
          proxy.on('proxyReq', (request) => {
            request.setHeader('origin', new URL(server).origin)
            request.setHeader('sec-fetch-site', 'same-origin')
          })
        },
      },
    },
  },
  test: {
    restoreMocks: true,
    projects: [
      { extends: true, test: { name: 'pure', environment: 'node', include: ['src/**/*.test.ts'] } },
      { extends: true, test: { name: 'screen', environment: 'happy-dom', include: ['src/**/*.test.tsx'] } },
    ],
  },
})
