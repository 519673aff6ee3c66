import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import Typography from '@mui/material/Typography';
import type { ReactNode } from 'react';
import {
  CreateBase,
  EditBase,
  Form,
  type RaRecord,
  SaveButton,
  useEditContext,
  useRefresh,
  useResourceContext,
} from 'react-admin';
import { Link } from 'react-router-dom';
import { useLanguage } from '../../i18n/staff';
import { useNotifyError } from '../hooks/useNotifyError';
import { PageHeader } from '../layout/PageHeader';

/** Fields that belong together. */
export function FormGroup({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <Box
      component="fieldset"
      sx={{
        border: 0,
        p: 0,
        m: 0,
        minWidth: 0,
        display: 'grid',
        gap: { xs: 1, md: 4 },
        gridTemplateColumns: { md: '220px minmax(0, 1fr)' },
        py: 3,
        borderTop: 1,
        borderColor: 'divider',
        '&:first-of-type': { borderTop: 0 },
      }}
    >
      <Box>
        <Typography component="legend" variant="h3" sx={{ p: 0 }}>
          {title}
        </Typography>
        {note && (
          <Typography variant="caption" color="textSecondary">
            {note}
          </Typography>
        )}
      </Box>
      <Box
        sx={{
          display: 'grid',
          gap: 1,
          alignContent: 'start',
          minWidth: 0,
          '& .MuiFormHelperText-root.Mui-disabled': { color: 'text.secondary' },
        }}
      >
        {children}
      </Box>
    </Box>
  );
}

function FormButtons({ back }: { back: string }) {
  const { t } = useLanguage();
  return (
    <Box
      sx={{
        display: 'flex',
        gap: 1,
        justifyContent: 'flex-end',
        px: 3,
        py: 2,
        borderTop: 1,
        borderColor: 'divider',
        bgcolor: 'background.paper',
        borderRadius: '0 0 16px 16px',
        position: 'sticky',
        bottom: 0,
        zIndex: 1,
      }}
    >
      <Button component={Link} to={back} color="inherit">
        {t('ra.action.cancel')}
      </Button>
      <SaveButton icon={null} />
    </Box>
  );
}

interface EditProps {
  title: (record: RaRecord) => string;
  /** What is sent: the record as it is in the form against how it was read. */
  patch: (data: RaRecord, before: RaRecord) => Record<string, unknown>;
  /** The record as the form has it. */
  flat?: (record: RaRecord) => RaRecord;
  children: ReactNode;
}

/** What differs, by name, with the version that was read. */
export const changedFields = (names: string[]) => (data: RaRecord, before: RaRecord) => ({
  version: before.version as number,
  ...Object.fromEntries(
    names
      .filter(name => JSON.stringify(data[name]) !== JSON.stringify(before[name]))
      .map(name => [name, data[name] as unknown]),
  ),
});

/** The form of one record. */
export function EditPage({ patch, ...view }: EditProps) {
  const tell = useNotifyError();
  const refresh = useRefresh();
  const failed = (error: unknown) => {
    tell(error);
    if ((error as { status?: number }).status === 409) refresh();
  };
  return (
    <EditBase
      mutationMode="pessimistic"
      redirect="show"
      transform={(data: RaRecord, options?: { previousData?: RaRecord }) => patch(data, options?.previousData ?? data)}
      mutationOptions={{ onError: failed }}
    >
      <EditView {...view} />
    </EditBase>
  );
}

function EditView({ title, flat, children }: Omit<EditProps, 'patch'>) {
  const resource = useResourceContext() ?? '';
  const { record } = useEditContext();
  if (!record)
    return (
      <Box aria-busy sx={{ display: 'grid', gap: 2 }}>
        <Skeleton width={260} height={40} />
        <Skeleton variant="rounded" height={360} />
      </Box>
    );
  const back = `/${resource}/${encodeURIComponent(String(record.id))}/show`;
  return (
    <Box sx={{ display: 'grid', gap: 2, maxWidth: 880, gridTemplateColumns: 'minmax(0, 1fr)' }}>
      <PageHeader title={title(record)} back={back} />
      <Paper variant="outlined">
        <Form record={flat ? flat(record) : record} warnWhenUnsavedChanges>
          <Box sx={{ px: 3 }}>{children}</Box>
          <FormButtons back={back} />
        </Form>
      </Paper>
    </Box>
  );
}

interface CreateProps {
  title: string;
  send: (data: RaRecord) => Record<string, unknown>;
  onMade?: (made: RaRecord) => void;
  children: ReactNode;
}

/** The form of a new record. */
export function CreatePage({ title, send, onMade, children }: CreateProps) {
  const resource = useResourceContext() ?? '';
  const tell = useNotifyError();
  const options = { onError: tell, ...(onMade && { onSuccess: (made: RaRecord) => onMade(made) }) };
  return (
    <CreateBase redirect="show" transform={send} mutationOptions={options}>
      <Box sx={{ display: 'grid', gap: 2, maxWidth: 880, gridTemplateColumns: 'minmax(0, 1fr)' }}>
        <PageHeader title={title} back={`/${resource}`} />
        <Paper variant="outlined">
          <Form warnWhenUnsavedChanges>
            <Box sx={{ px: 3 }}>{children}</Box>
            <FormButtons back={`/${resource}`} />
          </Form>
        </Paper>
      </Box>
    </CreateBase>
  );
}
