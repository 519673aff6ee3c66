import Box from '@mui/material/Box';
import type { SxProps, Theme } from '@mui/material/styles';
import { formatMoney, formatSignedMoney } from '../../format/money';
import type { InCurrency } from '../../i18n/errors';
import { useLanguage } from '../../i18n/member';
import { tabularNumbers } from '../../theme';

/** The widest digit, in ems, and the margins beside an amount on a phone. */
const FIGURE_EM = 0.62;
const MARGINS_PX = 84;

/** Returns a font size of at most `most` in which the amount fits on a phone. */
const fittingSize = (text: string, most: string) =>
  `min(${most}, calc((100vw - ${MARGINS_PX}px) / ${(text.length * FIGURE_EM).toFixed(2)}))`;

/** An amount. `signed` shows incoming money with a plus and in green. `size` is its largest font size on a phone. */
export function Money({
  minor,
  of,
  signed = false,
  size,
  sx,
}: {
  minor: number;
  of: InCurrency;
  signed?: boolean;
  size?: string;
  sx?: SxProps<Theme>;
}) {
  const { language } = useLanguage();
  const text = (signed ? formatSignedMoney : formatMoney)(minor, of.currency, of.scale, language);
  const base = {
    ...tabularNumbers,
    whiteSpace: 'nowrap',
    fontSize: size && fittingSize(text, size),
    color: signed && minor > 0 ? 'success.main' : undefined,
  } as const;
  return (
    <Box component="span" sx={[base, ...(Array.isArray(sx) ? sx : [sx])]}>
      {text}
    </Box>
  );
}
