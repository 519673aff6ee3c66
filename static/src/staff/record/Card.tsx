import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';

/** A section with its heading. */
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

/** Names with what they stand for. */
export function DescriptionList({ rows }: { rows: [name: string, value: ReactNode][] }) {
  return (
    <Box
      component="dl"
      sx={{
        m: 0,
        display: 'grid',
        columnGap: 3,
        rowGap: 1.75,
        gridTemplateColumns: {
          xs: 'repeat(auto-fill, minmax(124px, 1fr))',
          sm: 'repeat(auto-fill, minmax(168px, 1fr))',
        },
      }}
    >
      {rows.map(([name, value]) => (
        <Box key={name} sx={{ minWidth: 0 }}>
          <Typography component="dt" variant="caption" color="textSecondary">
            {name}
          </Typography>
          <Box
            component="dd"
            sx={{
              m: 0,
              fontWeight: 550,
              overflowWrap: 'anywhere',
              minHeight: 24,
              '& > span': { whiteSpace: 'normal' },
            }}
          >
            {value === null || value === undefined || value === '' ? '–' : value}
          </Box>
        </Box>
      ))}
    </Box>
  );
}
