import Box from '@mui/material/Box';
import { useLanguage } from '../../i18n/member';
import { Page } from '../components/Page';
import { AppearanceSettings } from './AppearanceSettings';
import { PasswordSettings } from './PasswordSettings';
import { ProfileSettings } from './ProfileSettings';
import { ProofThreshold } from './ProofThreshold';
import { SecondFactorSettings } from './SecondFactorSettings';
import { SessionList } from './SessionList';
import { TokenList } from './TokenList';

const COLUMN = { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 3 } as const;

/** The page of the member's settings. */
export default function SettingsPage() {
  const { t } = useLanguage();
  return (
    <Page title={t('settings.title')}>
      <Box
        sx={{
          display: 'grid',
          gap: 3,
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: 'repeat(2, minmax(0, 1fr))' },
          alignItems: 'start',
        }}
      >
        <Box sx={COLUMN}>
          <ProfileSettings />
          <AppearanceSettings />
          <TokenList />
        </Box>
        <Box sx={COLUMN}>
          <PasswordSettings />
          <SecondFactorSettings />
          <ProofThreshold />
          <SessionList />
        </Box>
      </Box>
    </Page>
  );
}
