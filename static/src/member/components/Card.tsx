import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import type { SxProps, Theme } from '@mui/material/styles';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';

/** A card with a heading. */
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
