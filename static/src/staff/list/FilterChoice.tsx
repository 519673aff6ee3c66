import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import { formatNumber } from '../../format/numbers';
import { useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme';

/** One value of a filter. */
export function FilterChoice({
  chosen,
  text,
  count,
  onClick,
}: {
  chosen: boolean;
  text: string;
  count?: number;
  onClick: () => void;
}) {
  const { language } = useLanguage();
  return (
    <ButtonBase
      aria-pressed={chosen}
      onClick={onClick}
      sx={{
        display: 'flex',
        width: '100%',
        justifyContent: 'space-between',
        gap: 1,
        px: 1,
        py: 0.5,
        mx: -1,
        borderRadius: 1.5,
        textAlign: 'left',
        fontFamily: 'inherit',
        fontSize: '0.875rem',
        fontWeight: chosen ? 650 : 400,
        color: chosen ? 'primary.main' : 'text.primary',
        bgcolor: chosen ? 'action.selected' : undefined,
        '&:hover': { bgcolor: 'action.hover' },
      }}
    >
      <span>{text}</span>
      {count !== undefined && (
        <Box component="span" sx={{ ...tabularNumbers, color: 'text.secondary', fontWeight: 400 }}>
          {formatNumber(count, language)}
        </Box>
      )}
    </ButtonBase>
  );
}
