import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';

/** A section with a heading. */
export function Card({
  title,
  aside,
  flush = false,
  children,
}: {
  title: string;
  aside?: ReactNode;
  flush?: boolean;
  children: ReactNode;
}) {
  return (
    <Paper variant="outlined" component="section" sx={{ minWidth: 0, overflow: 'hidden' }}>
      <Box
        sx={{
          display: 'flex',
          alignItems: 'center',
          justifyContent: 'space-between',
          gap: 2,
          px: { xs: 2, sm: 2.5 },
          pt: 1.75,
          pb: flush ? 1.25 : 0,
          minHeight: 44,
          flexWrap: 'wrap',
        }}
      >
        <Typography variant="h2">{title}</Typography>
        {aside}
      </Box>
      <Box sx={flush ? undefined : { px: { xs: 2, sm: 2.5 }, pt: 1.25, pb: 2.25 }}>{children}</Box>
    </Paper>
  );
}
