/** People with a real browser, for the tests of a file: each in a tab of their own, and sites of others to visit. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { launchBrowser } from './browser.ts';

export interface Visitor {
  readonly page: Page;
  /** What the browser blocked or could not do, and every dialog that came up. */
  readonly complaints: string[];
}

export interface Visitors {
  /** A tab of a person of its own: no cookies of others. Closed after the test. */
  visitor(options?: BrowserContextOptions): Promise<Visitor>;
  /** A site of somebody else, on another host name than the gate's. In: its one page. Out: its origin. */
  foreignSite(html: string): Promise<string>;
}

/** Starts a browser before the tests of the file and ends it after them. */
export function useVisitors(): Visitors {
  let browser: Browser | undefined;
  const cleanups: (() => Promise<unknown>)[] = [];
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => await browser?.close());
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });
  return {
    async visitor(options = {}) {
      if (browser === undefined) throw new Error('the browser runs inside tests only');
      const context = await browser.newContext(options);
      cleanups.push(() => context.close());
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('dialog', (dialog) => {
        complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      return { page, complaints };
    },
    async foreignSite(html) {
      const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(html));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      cleanups.push(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      });
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    },
  };
}

/** Picks an account at the embedded GitHub. */
export const pickAccount = (page: Page, login: string) =>
  page.locator(`form:has(input[value="${login}"]) button`).click();

/** How far the page reaches beyond the screen, in CSS pixels. */
export const overflow = (page: Page) => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');

export const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 };
/** Where screenshots are kept, for whoever hands in to look at. */
export const SHOTS = '.gatehouse/screenshots';
