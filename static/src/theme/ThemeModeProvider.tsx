import { CacheProvider } from '@emotion/react';
import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { createAppTheme, type ThemeMode } from '.';
import { createAdoptedCache } from './adoptedStyles';
import './page.css';
import '@fontsource-variable/inter/wght.css';

const NAME = 'jangbu.theme';
const cache = createAdoptedCache();
const darkQuery = matchMedia('(prefers-color-scheme: dark)');
const printQuery = matchMedia('print');

const subscribeTo = (list: MediaQueryList) => (then: () => void) => {
  list.addEventListener('change', then);
  return () => list.removeEventListener('change', then);
};
const subscribeToDark = subscribeTo(darkQuery);
const subscribeToPrint = subscribeTo(printQuery);

const Context = createContext<{ mode: ThemeMode; setMode: (mode: ThemeMode) => void }>({
  mode: 'system',
  setMode: () => {},
});

const storedMode = (): ThemeMode => {
  const found = localStorage.getItem(NAME);
  return found === 'light' || found === 'dark' ? found : 'system';
};

/** Provides the chosen theme, or the system's. Paper always gets the light one. */
export function ThemeModeProvider({ children }: { children: ReactNode }) {
  const [mode, choose] = useState(storedMode);
  const systemDark = useSyncExternalStore(subscribeToDark, () => darkQuery.matches);
  const printing = useSyncExternalStore(subscribeToPrint, () => printQuery.matches);
  const shown = printing ? 'light' : mode === 'system' ? (systemDark ? 'dark' : 'light') : mode;
  const theme = useMemo(() => createAppTheme(shown), [shown]);
  useEffect(() => {
    if (mode === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = mode;
  }, [mode]);
  const value = useMemo(() => {
    const setMode = (next: ThemeMode) => {
      localStorage.setItem(NAME, next);
      choose(next);
    };
    return { mode, setMode };
  }, [mode]);
  return (
    <CacheProvider value={cache}>
      <ThemeProvider theme={theme}>
        <CssBaseline />
        <Context.Provider value={value}>{children}</Context.Provider>
      </ThemeProvider>
    </CacheProvider>
  );
}

export const useThemeMode = () => useContext(Context);
