// Sets the theme and the language before the first paint. It is a file, because the pages' policy allows no inline
// script.
(() => {
  const root = document.documentElement;
  try {
    const theme = localStorage.getItem('jangbu.theme');
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    const language = localStorage.getItem('jangbu.language') || (navigator.language || 'en').slice(0, 2);
    root.lang = language === 'ko' ? 'ko' : 'en';
  } catch {
    // Without storage, the system's theme and the page's own language stay.
  }
})();
