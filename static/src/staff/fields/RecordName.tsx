import Box from '@mui/material/Box';
import type { ReactNode } from 'react';

/** A name of any length, of which a column shows as much as there is room for. */
export const RecordName = ({ children }: { children: ReactNode }) => (
  <Box
    component="span"
    sx={{
      display: 'inline-block',
      maxWidth: 220,
      overflow: 'hidden',
      textOverflow: 'ellipsis',
      verticalAlign: 'bottom',
    }}
  >
    {children}
  </Box>
);
