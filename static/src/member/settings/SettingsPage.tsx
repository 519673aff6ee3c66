import Box from '@mui/material/Box';
import { useLanguage } from '../../i18n';
import { Page } from '../components/parts';
import { Appearance } from './AppearanceSettings';
import { Password } from './PasswordSettings';
import { Profile } from './ProfileSettings';
import { ProofAbove } from './ProofThreshold';
import { SecondFactor } from './SecondFactorSettings';
import { Sessions } from './SessionList';
import { Tokens } from './TokenList';

const COLUMN = { display: 'grid', gridTemplateColumns: 'minmax(0, 1fr)', gap: 3 } as const;

/** What one sets for oneself. */
export default function Settings() {
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
          <Profile />
          <Appearance />
          <Tokens />
        </Box>
        <Box sx={COLUMN}>
          <Password />
          <SecondFactor />
          <ProofAbove />
          <Sessions />
        </Box>
      </Box>
    </Page>
  );
}
