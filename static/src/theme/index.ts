import { createTheme, type Theme } from '@mui/material/styles';

export type ThemeMode = 'system' | 'light' | 'dark';

const FONT =
  '"Inter Variable", "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", "Noto Sans KR", system-ui, sans-serif';

/** The colours of paper and ink: green for actions, a seal's red for errors. */
export const colours = {
  light: {
    ground: '#f6f5f1',
    paper: '#ffffff',
    sunk: '#f0eee8',
    ink: '#17211d',
    soft: '#56625c',
    line: '#e2dfd6',
    green: '#13584a',
    greenDark: '#0d4237',
    tint: '#e6f0ec',
    in: '#13694f',
    warn: '#8a5200',
    warnTint: '#fbf1de',
    wrong: '#b23420',
    wrongTint: '#fbebe7',
  },
  dark: {
    ground: '#0f1412',
    paper: '#171d1a',
    sunk: '#1e2522',
    ink: '#e8ebe7',
    soft: '#a3aea8',
    line: '#2b3430',
    green: '#7fcfb5',
    greenDark: '#9adcc6',
    tint: '#1c332c',
    in: '#7fd6b4',
    warn: '#e7b765',
    warnTint: '#33290f',
    wrong: '#f09a88',
    wrongTint: '#3a1f19',
  },
} as const;

/** Returns the theme of both parts. */
export function createAppTheme(mode: 'light' | 'dark'): Theme {
  const c = colours[mode];
  return createTheme({
    palette: {
      mode,
      primary: { main: c.green, dark: c.greenDark, contrastText: mode === 'dark' ? '#0d1a16' : '#ffffff' },
      secondary: { main: c.soft },
      error: { main: c.wrong },
      warning: { main: c.warn },
      success: { main: c.in },
      text: { primary: c.ink, secondary: c.soft },
      background: { default: c.ground, paper: c.paper },
      divider: c.line,
    },
    shape: { borderRadius: 10 },
    typography: {
      fontFamily: FONT,
      fontSize: 14,
      h1: { fontSize: '1.625rem', fontWeight: 650, letterSpacing: '-0.022em', lineHeight: 1.25 },
      h2: { fontSize: '1.125rem', fontWeight: 620, letterSpacing: '-0.012em', lineHeight: 1.35 },
      h3: { fontSize: '0.9375rem', fontWeight: 620, lineHeight: 1.4 },
      body1: { fontSize: '0.9375rem', lineHeight: 1.6 },
      body2: { fontSize: '0.875rem', lineHeight: 1.55 },
      caption: { fontSize: '0.8125rem', lineHeight: 1.5 },
      button: { textTransform: 'none', fontWeight: 600, letterSpacing: 0 },
      overline: { textTransform: 'none', letterSpacing: 0, fontSize: '0.8125rem', lineHeight: 1.5, fontWeight: 550 },
    },
    components: {
      MuiCssBaseline: { styleOverrides: { body: { fontFeatureSettings: '"cv11", "ss03"' } } },
      MuiPaper: {
        defaultProps: { elevation: 0 },
        styleOverrides: { root: { backgroundImage: 'none' }, outlined: { borderColor: c.line, borderRadius: 16 } },
      },
      MuiDialog: { styleOverrides: { paper: { borderRadius: 20, border: `1px solid ${c.line}` } } },
      MuiDialogActions: { styleOverrides: { root: { padding: '12px 20px 20px' } } },
      MuiButton: {
        defaultProps: { disableElevation: true },
        styleOverrides: {
          root: { borderRadius: 10, minHeight: 40, paddingInline: 16 },
          sizeLarge: { minHeight: 52, fontSize: '1rem' },
          sizeSmall: { minHeight: 32, paddingInline: 10 },
          outlined: { '&.MuiButton-colorInherit': { borderColor: mode === 'light' ? '#8d958f' : '#6d7873' } },
        },
      },
      MuiButtonBase: {
        styleOverrides: { root: { '&.Mui-focusVisible': { outline: `2px solid ${c.green}`, outlineOffset: 2 } } },
      },
      MuiOutlinedInput: {
        styleOverrides: {
          root: { backgroundColor: c.paper, '& fieldset': { borderColor: mode === 'light' ? '#8d958f' : '#6d7873' } },
        },
      },
      MuiFormHelperText: { styleOverrides: { root: { marginInline: 2, fontSize: '0.8125rem' } } },
      MuiChip: { styleOverrides: { root: { borderRadius: 8, fontWeight: 550 } } },
      MuiAlert: {
        styleOverrides: {
          root: {
            borderRadius: 12,
            color: c.ink,
            backgroundColor: c.sunk,
            '&.MuiAlert-colorError': { backgroundColor: c.wrongTint },
            '&.MuiAlert-colorWarning': { backgroundColor: c.warnTint },
            '&.MuiAlert-colorSuccess': { backgroundColor: c.tint },
          },
        },
      },
      MuiLink: { defaultProps: { underline: 'hover' } },
      MuiTab: { styleOverrides: { root: { minHeight: 44 } } },
      MuiTooltip: { styleOverrides: { tooltip: { fontSize: '0.8125rem' } } },
    },
  });
}

/** Digits of equal width, for columns of figures. */
export const tabularNumbers = { fontVariantNumeric: 'tabular-nums lining-nums', letterSpacing: '-0.01em' } as const;
