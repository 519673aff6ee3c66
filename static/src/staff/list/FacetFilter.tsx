import Box from '@mui/material/Box';
import Typography from '@mui/material/Typography';
import { useId } from 'react';
import { useListContext } from 'react-admin';
import { FilterChoice } from './FilterChoice';
import { useLastDefined } from './useLastDefined';

interface Props {
  /** The API's filter, which is also the column whose counts are shown. */
  name: string;
  label: string;
  /** The values, if the API does not count them. */
  values?: readonly string[];
  /** Returns the text for a value. */
  text?: (value: string) => string;
}

/** Filters by the values of a column, each with the number of matching rows. */
export function FacetFilter({ name, label, values, text }: Props) {
  const id = useId();
  const { meta, filterValues, setFilters } = useListContext();
  const filters = filterValues as Record<string, unknown>;
  const counts = useLastDefined(
    (meta as { counts?: Record<string, Record<string, number>> } | undefined)?.counts?.[name],
  );
  const chosen = filters[name] === undefined ? undefined : String(filters[name]);
  // The API cannot filter by an empty value.
  const knownValues =
    values ??
    Object.keys(counts ?? {})
      .filter(Boolean)
      .sort();
  const shownValues = chosen !== undefined && !knownValues.includes(chosen) ? [...knownValues, chosen] : knownValues;
  if (shownValues.length === 0) return null;
  const choose = (value: string) => {
    const { [name]: _, ...rest } = filters;
    setFilters(chosen === value ? rest : { ...rest, [name]: value });
  };
  return (
    <Box role="group" aria-labelledby={id}>
      <Typography id={id} variant="overline" component="h2" color="textSecondary">
        {label}
      </Typography>
      {shownValues.map(value => (
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
