import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Typography from '@mui/material/Typography';
import { type FormEvent, type ReactNode, useEffect } from 'react';
import type { Meta } from '../../api/types';
import { LANGUAGE_NAMES } from '../../i18n/language';
import { useLanguage } from '../../i18n/member';
import { Logo } from '../layout/Logo';

const LINED = 'repeating-linear-gradient(transparent 0 55px, rgb(243 239 228 / 6%) 55px 56px)';

interface Props {
  meta: Meta;
  title: string;
  lead?: string;
  onSubmit: (event: FormEvent) => void;
  children: ReactNode;
}

/** The layout of the pages before sign-in: the bank on one side, the form on the other. */
export function AuthLayout({ meta, title, lead, onSubmit, children }: Props) {
  const { t, language, setLanguage } = useLanguage();
  const other = language === 'ko' ? 'en' : 'ko';
  useEffect(() => {
    document.title = `${title} · ${t('app.name')}`;
  }, [title, t]);
  return (
    <Box sx={{ minHeight: '100vh', display: 'grid', gridTemplateColumns: { xs: 'minmax(0, 1fr)', md: '1fr 1fr' } }}>
      <Box
        component="aside"
        sx={{
          display: { xs: 'none', md: 'flex' },
          flexDirection: 'column',
          justifyContent: 'space-between',
          p: 6,
          bgcolor: '#0f3d33',
          color: '#f3efe4',
          backgroundImage: LINED,
        }}
      >
        <Box component="span" sx={{ fontWeight: 650, fontSize: '1.125rem' }}>
          {meta.name || t('app.name')}
        </Box>
        <Box>
          <Typography
            sx={{
              fontSize: 'clamp(2rem, 3.4vw, 3.25rem)',
              fontWeight: 620,
              letterSpacing: '-0.03em',
              lineHeight: 1.22,
              maxWidth: '16ch',
              textWrap: 'balance',
            }}
          >
            {t('auth.motto')}
          </Typography>
          <Typography sx={{ mt: 2, color: '#c9d6cc' }}>{t('auth.mottoMore')}</Typography>
        </Box>
        <Box
          aria-hidden
          sx={{
            width: 44,
            height: 44,
            borderRadius: '10px',
            bgcolor: '#b93f25',
            display: 'grid',
            placeItems: 'center',
            fontWeight: 700,
            fontSize: '1.25rem',
          }}
        >
          장
        </Box>
      </Box>
      <Box component="main" sx={{ display: 'flex', flexDirection: 'column', p: { xs: 3, sm: 6 } }}>
        <Box sx={{ display: 'flex', justifyContent: 'space-between', alignItems: 'center', minHeight: 40 }}>
          <Box sx={{ visibility: { md: 'hidden' } }}>
            <Logo />
          </Box>
          <Button color="inherit" size="small" lang={other} onClick={() => setLanguage(other)}>
            {LANGUAGE_NAMES[other]}
          </Button>
        </Box>
        <Box
          component="form"
          onSubmit={onSubmit}
          sx={{
            m: 'auto',
            width: '100%',
            maxWidth: 380,
            py: 5,
            display: 'grid',
            gridTemplateColumns: 'minmax(0, 1fr)',
            gap: 2.25,
            '& .MuiFormLabel-asterisk': { display: 'none' },
          }}
        >
          <Box sx={{ mb: 1 }}>
            <Typography variant="h1">{title}</Typography>
            {lead && (
              <Typography color="textSecondary" sx={{ mt: 0.75 }}>
                {lead}
              </Typography>
            )}
          </Box>
          {children}
        </Box>
      </Box>
    </Box>
  );
}
