import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';

/** A name and its value in a `dl`. `ruled` draws a rule above. */
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
