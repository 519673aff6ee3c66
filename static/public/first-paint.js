// Sets theme and language before anything is painted. A file of its own, because the pages allow no inline script.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem('jangbu.theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    const language = localStorage.getItem('jangbu.language') || (navigator.language || 'en').slice(0, 2);
    root.lang = language === 'ko' ? 'ko' : 'en';
  } catch {
    // No storage: the system's theme, and the language of the page.
  }
})();
