import MuiLink from '@mui/material/Link';
import type { ReactNode } from 'react';
import { Link } from 'react-router-dom';
import { tabularNumbers } from '../../theme';

/** A link whose click does not open the row. */
export const InlineLink = ({ to, children }: { to: string; children: ReactNode }) => (
  <MuiLink
    component={Link}
    to={to}
    onClick={event => event.stopPropagation()}
    sx={{ ...tabularNumbers, fontWeight: 550 }}
  >
    {children}
  </MuiLink>
);
