import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import CircularProgress from '@mui/material/CircularProgress';
import Dialog from '@mui/material/Dialog';
import Typography from '@mui/material/Typography';
import { type ReactNode, useEffect, useState } from 'react';
import { api } from '../api/client';
import { useLanguage } from '../i18n/shared';
import { useSignedInMember } from './lastMember';

/**
 * Covers a member's page when another member has signed in in this browser: nothing is sent from it, and its content is
 * hidden. It is restored when the first member signs in again. While it is unknown who is signed in, it is covered, too.
 */
export function MemberGuard({ children }: { children: ReactNode }) {
  const { other, isConfirmed } = useSignedInMember();
  return (
    <>
      {children}
      {other !== null && <MemberCover key={other} member={other} />}
      {!isConfirmed && other === null && <UnconfirmedCover />}
    </>
  );
}

const COVER = {
  transition: { timeout: 0 },
  paper: { sx: { borderRadius: 0, bgcolor: 'background.default' } },
} as const;

function UnconfirmedCover() {
  const { t } = useLanguage();
  return (
    <Dialog open fullScreen aria-labelledby="unconfirmed-member" slotProps={COVER}>
      <CircularProgress id="unconfirmed-member" aria-label={t('identity.unconfirmed')} sx={{ m: 'auto' }} />
    </Dialog>
  );
}

function MemberCover({ member }: { member: string }) {
  const { t } = useLanguage();
  const [name, setName] = useState('');
  useEffect(() => {
    let isMounted = true;
    const showName = ({ member: found }: Awaited<ReturnType<typeof api.anySession>>) => {
      if (isMounted && found.id === member) setName(found.name || found.username);
    };
    api.anySession().then(showName, () => {});
    return () => {
      isMounted = false;
    };
  }, [member]);
  return (
    <Dialog open fullScreen aria-labelledby="other-member" aria-describedby="other-member-words" slotProps={COVER}>
      <Box sx={{ m: 'auto', maxWidth: 440, p: 3, textAlign: 'center' }} role="alert">
        <Typography id="other-member" variant="h1" gutterBottom>
          {name ? t('identity.title', { name }) : t('identity.nameless')}
        </Typography>
        <Typography id="other-member-words" color="textSecondary" sx={{ mb: 3 }}>
          {t('identity.words')}
        </Typography>
        <Button variant="contained" size="large" autoFocus onClick={() => location.reload()}>
          {t('identity.reload')}
        </Button>
      </Box>
    </Dialog>
  );
}
