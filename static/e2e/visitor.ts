/** Somebody in front of a browser. Whatever the browser complains about fails the test, unless the test says why it does not. */
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

  /** A browser of that size, language and theme, with one tab and nobody signed in. */
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

  /** Another tab of the same browser. */
  async tab(): Promise<Page> {
    const page = await this.context.newPage();
    page.on('console', message => {
      if (message.type() === 'error' || message.type() === 'warning')
        this.complaints.push(`${message.text()} (${message.location().url})`);
    });
    page.on('pageerror', error => this.complaints.push(error.stack ?? String(error)));
    return page;
  }

  /** Says which complaints belong to what is tested, such as the browser's about an answer 401. */
  allow(...complaints: RegExp[]) {
    this.#allowed.push(...complaints);
  }

  async open(path: string) {
    await this.page.goto(this.#url + path);
  }

  /** Signs in by hand, and waits until the first page is there. */
  async signIn(username: string, password = PASSWORD) {
    await this.open('/');
    await this.page.locator('input[name="username"]').fill(username);
    await this.page.locator('input[name="password"]').fill(password);
    await this.page.locator('button[type="submit"]').click();
    await this.page.locator('nav').first().waitFor();
  }

  /** Fails where axe finds something that keeps people from using the page. */
  async checkAccess(page = this.page) {
    // A colour on its way to another one is neither: axe looks when what moves has come to its end.
    await page.waitForFunction(() =>
      document
        .getAnimations()
        .every(each => each.playState !== 'running' || each.effect?.getComputedTiming().endTime === Infinity),
    );
    // By the debugger's hand, which the page's policy does not bind.
    await page.evaluate(AXE);
    const found = await page.evaluate(() =>
      (globalThis as unknown as { axe: { run: () => Promise<AxeResults> } }).axe.run(),
    );
    const said = found.violations.map(
      ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(node => node.html.slice(0, 200)).join(' | ')}`,
    );
    expect(said, page.url()).toEqual([]);
  }

  /** Fails where something is wider than the window. */
  async checkWidth(page = this.page) {
    const { wide, room } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      room: document.documentElement.clientWidth,
    }));
    expect(wide, `${page.url()} is wider than its window`).toBeLessThanOrEqual(room);
  }

  /** Leaves a picture of what could be seen, for whom a test failed. */
  async show(name: string) {
    const path = join(tmpdir(), `jangbu-e2e-${name.replace(/[^a-z0-9]+/gi, '-').toLowerCase()}.png`);
    await this.page.screenshot({ path }).then(
      () => console.error(`seen when it failed: ${path}`),
      () => {},
    );
  }

  /** Ends the visit, and fails when the browser complained about anything. */
  async leave() {
    await this.context.close();
    const complaints = this.complaints.filter(text => !this.#allowed.some(pattern => pattern.test(text)));
    expect(complaints, 'the browser complained').toEqual([]);
  }
}
