import Box from '@mui/material/Box';
import ButtonBase from '@mui/material/ButtonBase';
import Typography from '@mui/material/Typography';
import { useId } from 'react';
import { useListContext } from 'react-admin';
import { formatNumber } from '../../format/numbers';
import { useLanguage } from '../../i18n/staff';
import { tabularNumbers } from '../../theme';
import { useLastDefined } from './useLastDefined';

interface Props {
  /** The filter of the API, and the column whose counts it has if that is named otherwise. */
  name: string;
  label: string;
  /** The values where the API does not count them. */
  values?: readonly string[];
  /** Returns the text for a value. */
  text?: (value: string) => string;
}

/** A filter by the values that a column has, each with the number of rows that it would leave. */
export function FacetFilter({ name, label, values, text }: Props) {
  const id = useId();
  const { meta, filterValues, setFilters } = useListContext();
  const filters = filterValues as Record<string, unknown>;
  const counts = useLastDefined(
    (meta as { counts?: Record<string, Record<string, number>> } | undefined)?.counts?.[name],
  );
  const chosen = filters[name] === undefined ? undefined : String(filters[name]);
  // Rows without a value cannot be asked for.
  const known =
    values ??
    Object.keys(counts ?? {})
      .filter(Boolean)
      .sort();
  const offered = chosen !== undefined && !known.includes(chosen) ? [...known, chosen] : known;
  if (offered.length === 0) return null;
  const choose = (value: string) => {
    const { [name]: _, ...rest } = filters;
    setFilters(chosen === value ? rest : { ...rest, [name]: value });
  };
  return (
    <Box role="group" aria-labelledby={id}>
      <Typography id={id} variant="overline" component="h2" color="textSecondary">
        {label}
      </Typography>
      {offered.map(value => (
        <FilterChoice
          key={value}
          chosen={chosen === value}
          text={text ? text(value) : value}
          count={values ? undefined : (counts?.[value] ?? 0)}
          onClick={() => choose(value)}
        />
      ))}
    </Box>
  );
}

/** One value to filter by. */
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
