/** Small parts that every page is made of. */
import Alert from '@mui/material/Alert';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import type { SxProps, Theme } from '@mui/material/styles';
import Typography from '@mui/material/Typography';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { formatMoney, formatSignedMoney } from '../../format/money';
import type { InCurrency } from '../../i18n/errors';
import { failureText } from '../../i18n/errors';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme/index';

/** An amount. `signed` shows what came in with a plus and in its colour; `size` is the largest that it may have on a phone. */
export function Money({
  minor,
  of,
  signed = false,
  size,
  sx,
}: {
  minor: number;
  of: InCurrency;
  signed?: boolean;
  size?: string;
  sx?: SxProps<Theme>;
}) {
  const { language } = useLanguage();
  const text = (signed ? formatSignedMoney : formatMoney)(minor, of.currency, of.scale, language);
  const base = {
    ...tabularNumbers,
    whiteSpace: 'nowrap',
    fontSize: size && fittingSize(text, size),
    color: signed && minor > 0 ? 'success.main' : undefined,
  } as const;
  return (
    <Box component="span" sx={[base, ...(Array.isArray(sx) ? sx : [sx])]}>
      {text}
    </Box>
  );
}

/** How wide a figure is at most, in its size, and what stands beside it on a phone. */
const FIGURE_EM = 0.62;
const MARGINS_PX = 84;

/** A size in which an amount fits on a phone, and at most `most`. */
const fittingSize = (text: string, most: string) =>
  `min(${most}, calc((100vw - ${MARGINS_PX}px) / ${(text.length * FIGURE_EM).toFixed(2)}))`;

/** A page with its heading, which takes the focus when one comes to the page. */
export function Page({
  title,
  aside,
  children,
  lead,
}: {
  title: ReactNode;
  lead?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { t } = useLanguage();
  const name = typeof title === 'string' ? title : '';
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  useEffect(() => {
    document.title = name ? `${name} · ${t('app.name')}` : t('app.name');
  }, [name, t]);
  return (
    <>
      <Box
        sx={{
          display: 'flex',
          alignItems: 'flex-start',
          gap: 2,
          justifyContent: 'space-between',
          mb: 3,
          flexWrap: 'wrap',
        }}
      >
        <Box>
          <Typography variant="h1" ref={heading} tabIndex={-1} sx={{ outline: 'none' }}>
            {title}
          </Typography>
          {lead && (
            <Typography color="textSecondary" sx={{ mt: 0.5 }}>
              {lead}
            </Typography>
          )}
        </Box>
        {aside && (
          <Box className="no-print" sx={{ display: 'flex', gap: 1, flexWrap: 'wrap' }}>
            {aside}
          </Box>
        )}
      </Box>
      {children}
    </>
  );
}

/** A card with its heading. */
export function Card({
  title,
  aside,
  children,
  flush = false,
  sx,
}: {
  title?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
  flush?: boolean;
  sx?: SxProps<Theme>;
}) {
  return (
    <Paper variant="outlined" component="section" sx={[{ overflow: 'hidden' }, ...(Array.isArray(sx) ? sx : [sx])]}>
      {title && (
        <Box
          sx={{
            display: 'flex',
            alignItems: 'center',
            justifyContent: 'space-between',
            gap: 2,
            px: { xs: 2, sm: 3 },
            pt: 2,
            pb: flush ? 1.5 : 0,
            minHeight: 40,
          }}
        >
          <Typography variant="h2">{title}</Typography>
          {aside}
        </Box>
      )}
      <Box sx={flush ? undefined : { px: { xs: 2, sm: 3 }, py: 2.5 }}>{children}</Box>
    </Paper>
  );
}

/** What stands where there is nothing yet, with what to do about it. */
export function EmptyState({ title, children, action }: { title?: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Box sx={{ px: 3, py: 5, textAlign: 'center' }}>
      {title && (
        <Typography variant="h3" component="p" gutterBottom>
          {title}
        </Typography>
      )}
      <Typography color="textSecondary" variant="body2" sx={{ maxWidth: '40ch', mx: 'auto' }}>
        {children}
      </Typography>
      {action && <Box sx={{ mt: 2.5 }}>{action}</Box>}
    </Box>
  );
}

/** Lines that stand for rows to come, as high as they will be. */
export function SkeletonRows({ count, height = 64 }: { count: number; height?: number }) {
  return (
    <Box aria-hidden sx={{ px: { xs: 2, sm: 3 } }}>
      {Array.from({ length: count }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholder rows have no identity
        <Box key={row} sx={{ height, display: 'flex', alignItems: 'center', justifyContent: 'space-between' }}>
          <Skeleton width={`${38 - (row % 3) * 7}%`} />
          <Skeleton width="18%" />
        </Box>
      ))}
    </Box>
  );
}

/** A failure, announced. */
export function ErrorAlert({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useLanguage();
  if (!error) return null;
  return (
    <Alert
      severity="error"
      variant="standard"
      sx={{ mb: 2 }}
      action={
        retry && (
          <Button color="inherit" size="small" onClick={retry}>
            {t('common.retry')}
          </Button>
        )
      }
    >
      {failureText(t, error)}
    </Alert>
  );
}

/** The time, anew each second while `running`. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}

/** A name and what belongs to it, on one line of a `dl`; `ruled` has a rule above it. */
export function DescriptionRow({
  name,
  children,
  strong = false,
  ruled = false,
}: {
  name: ReactNode;
  children: ReactNode;
  strong?: boolean;
  ruled?: boolean;
}) {
  const rule = ruled && { borderTop: 1, borderColor: 'divider', mt: 0.75, pt: 1.5 };
  return (
    <Box
      sx={{
        display: 'flex',
        justifyContent: 'space-between',
        gap: 2,
        py: 0.75,
        fontWeight: strong ? 640 : 400,
        ...rule,
      }}
    >
      <Typography
        component="dt"
        variant="body2"
        color={strong ? 'textPrimary' : 'textSecondary'}
        sx={{ fontWeight: 'inherit', flexShrink: 0 }}
      >
        {name}
      </Typography>
      <Typography
        component="dd"
        variant="body2"
        sx={{ m: 0, fontWeight: 'inherit', textAlign: 'right', minWidth: 0, overflowWrap: 'anywhere' }}
      >
        {children}
      </Typography>
    </Box>
  );
}
