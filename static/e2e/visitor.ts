/** A person with a browser. An error or a warning in its console fails the test, unless the test allows it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import { PASSWORD } from './bank';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PATIENCE_MS = 15_000;

export interface Looks {
  width?: number;
  height?: number;
  language?: 'ko' | 'en';
  theme?: 'light' | 'dark';
}

export class Visitor {
  readonly context: BrowserContext;
  readonly complaints: string[] = [];
  readonly #allowed: RegExp[] = [];
  readonly #url: string;
  page!: Page;

  private constructor(context: BrowserContext, url: string) {
    this.context = context;
    this.#url = url;
  }

  /** Opens a browser with a size, a language and a theme, and nobody signed in. */
  static async come(browser: Browser, url: string, looks: Looks = {}): Promise<Visitor> {
    const { width = 1440, height = 900, language = 'en', theme = 'light' } = looks;
    const context = await browser.newContext({
      viewport: { width, height },
      locale: language === 'ko' ? 'ko-KR' : 'en-GB',
      colorScheme: theme,
      bypassCSP: false,
      timezoneId: 'America/New_York',
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(PATIENCE_MS);
    const visitor = new Visitor(context, url);
    visitor.page = await visitor.tab();
    return visitor;
  }

  /** Opens another tab in the same browser. */
  async tab(): Promise<Page> {
    const page = await this.context.newPage();
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning')
        this.complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', error => this.complaints.push(error.stack ?? String(error)));
    return page;
  }

  /** Allows messages that the test causes on purpose, such as a response with status 401. */
  allow(...complaints: RegExp[]) {
    this.#allowed.push(...complaints);
  }

  async open(path: string) {
    await this.page.goto(this.#url + path);
  }

  /** Signs in with the form and waits for the first page. */
  async signIn(username: string, password = PASSWORD) {
    await this.open('/');
    await this.page.locator('input[name="username"]').fill(username);
    await this.page.locator('input[name="password"]').fill(password);
    await this.page.locator('button[type="submit"]').click();
    await this.page.locator('nav').first().waitFor();
  }

  /** Fails if axe finds a violation. */
  async checkAccess(page = this.page) {
    // A colour in transition has no defined contrast, so axe runs after animations.
    await page.waitForFunction(() =>
      document
        .getAnimations()
        .every(each => each.playState !== 'running' || each.effect?.getComputedTiming().endTime === Infinity),
    );
    // Injected by the debugger, which the page's policy does not restrict.
    await page.evaluate(AXE);
    const found = await page.evaluate(() =>
      (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
    );
    const said = found.violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(node => node.html.slice(0, 200)).join(' | ')}`,
    );
    expect(said, page.url()).toEqual([]);
  }

  /** Fails if something is wider than the window. */
  async checkWidth(page = this.page) {
    const { wide, room } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      room: document.documentElement.clientWidth,
    }));
    expect(wide, `${page.url()} is wider than its window`).toBeLessThanOrEqual(room);
  }

  /** Takes a screenshot of a failed test. */
  async show(name: string) {
    const path = join(tmpdir(), `jangbu-e2e-${name.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}.png`);
    await this.page.screenshot({ path }).then(
      () => console.error(`seen when it failed: ${path}`),
      () => {},
    );
  }

  /** Closes the browser, and fails if its console had errors. */
  async leave() {
    await this.context.close();
    const complaints = this.complaints.filter(text => !this.#allowed.some(pattern => pattern.test(text)));
    expect(complaints, 'the browser complained').toEqual([]);
  }
}
