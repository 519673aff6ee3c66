/**
 * Styles that need no exception in the pages' Content-Security-Policy. Emotion writes rules into `<style>` elements,
 * which `style-src 'self'` forbids. A constructed style sheet that the document adopts is allowed.
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
      // The browser does not know the selector, such as `::-moz-focus-inner`.
    }
  }

  override hydrate() {}

  override flush() {
    if (this.#own) document.adoptedStyleSheets = document.adoptedStyleSheets.filter(sheet => sheet !== this.#own);
    this.#own = null;
  }
}

/** Returns an Emotion cache whose rules go into adopted style sheets, global ones included. */
export function createAdoptedCache(): EmotionCache {
  const cache = createCache({ key: 'jb' });
  cache.sheet = new AdoptedStyleSheet({ key: 'jb', container: document.head });
  return cache;
}
