import Box from '@mui/material/Box';
import MenuItem from '@mui/material/MenuItem';
import TextField from '@mui/material/TextField';
import { useLanguage } from '../../i18n/member';
import type { ThemeMode } from '../../theme';
import { useThemeMode } from '../../theme/ThemeModeProvider';
import { Card } from '../components/Card';

const MODES = ['system', 'light', 'dark'] as const satisfies readonly ThemeMode[];

/** The language and the theme, stored in this browser. */
export function AppearanceSettings() {
  const { t, language, setLanguage } = useLanguage();
  const { mode, setMode } = useThemeMode();
  return (
    <Card title={t('settings.appearance')}>
      <Box sx={{ display: 'grid', gridTemplateColumns: 'repeat(2, minmax(0, 1fr))', gap: 2 }}>
        <TextField
          select
          name="language"
          label={t('settings.language')}
          value={language}
          onChange={event => setLanguage(event.target.value === 'ko' ? 'ko' : 'en')}
        >
          <MenuItem value="ko" lang="ko">
            한국어
          </MenuItem>
          <MenuItem value="en" lang="en">
            English
          </MenuItem>
        </TextField>
        <TextField
          select
          name="theme"
          label={t('settings.theme')}
          value={mode}
          onChange={event => setMode(event.target.value as ThemeMode)}
        >
          {MODES.map(one => (
            <MenuItem key={one} value={one}>
              {t(`settings.theme.${one}`)}
            </MenuItem>
          ))}
        </TextField>
      </Box>
    </Card>
  );
}
