import Close from '@mui/icons-material/CloseOutlined';
import Box from '@mui/material/Box';
import IconButton from '@mui/material/IconButton';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import { SelectAllButton, useListContext } from 'react-admin';
import { useLanguage } from '../../i18n/staff';

/** The most records that the service changes at once. */
const MOST_SELECTED = 200;

/** The number of selected rows and their actions. It covers the table's header, so that no row moves. */
export function BulkToolbar({ children }: { children: ReactNode }) {
  const { t } = useLanguage();
  const { selectedIds, onUnselectItems } = useListContext();
  const count = selectedIds.length;
  if (count === 0) return null;
  return (
    <Box
      role="toolbar"
      aria-label={t('staff.actions')}
      sx={{
        position: 'absolute',
        top: 0,
        left: 46,
        right: 0,
        minHeight: 44,
        zIndex: 2,
        display: 'flex',
        alignItems: 'center',
        gap: 1,
        px: 1,
        bgcolor: 'background.paper',
        borderBottom: 1,
        borderColor: 'divider',
        overflowX: 'auto',
        whiteSpace: 'nowrap',
      }}
    >
      <IconButton size="small" aria-label={t('ra.action.unselect')} onClick={() => onUnselectItems()}>
        <Close fontSize="small" />
      </IconButton>
      <Typography variant="body2" role="status" sx={{ fontWeight: 600 }}>
        {t('ra.action.bulk_actions', { count: count })}
      </Typography>
      <SelectAllButton limit={MOST_SELECTED} />
      <Box sx={{ flexGrow: 1 }} />
      {children}
    </Box>
  );
}
