/// <reference types="@cloudflare/vitest-plugin/types" />

declare module '*?raw' {
  const text: string;
  export default text;
}

/** Vite's: every file that matches, read when the test is built. */
interface ImportMeta {
  glob<T>(pattern: string, options: { query: string; import: string; eager: true }): Record<string, T>;
}
