/**
 * Styles without an exception in the pages' security policy. Emotion writes rules into `<style>` elements, which
 * `style-src 'self'` forbids; a constructed sheet that is adopted by the document is no inline style, and allowed.
 */
import createCache, { type EmotionCache } from '@emotion/cache';
import { StyleSheet } from '@emotion/sheet';

class AdoptedStyleSheet extends StyleSheet {
  #own: CSSStyleSheet | null = null;

  override insert(rule: string) {
    if (!this.#own) {
      this.#own = new CSSStyleSheet();
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#own];
    }
    try {
      this.#own.insertRule(rule, this.#own.cssRules.length);
    } catch {
      // A selector that only another browser knows, as `::-moz-focus-inner`.
    }
  }

  override hydrate() {}

  override flush() {
    if (this.#own) document.adoptedStyleSheets = document.adoptedStyleSheets.filter(sheet => sheet !== this.#own);
    this.#own = null;
  }
}

/** A cache of styles whose rules go into adopted sheets, those of `Global` included. */
export function createAdoptedCache(): EmotionCache {
  const cache = createCache({ key: 'jb' });
  cache.sheet = new AdoptedStyleSheet({ key: 'jb', container: document.head });
  return cache;
}
