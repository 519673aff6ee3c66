import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import Skeleton from '@mui/material/Skeleton';
import type { ReactNode } from 'react';
import { EditBase, Form, type RaRecord, useEditContext, useRefresh, useResourceContext } from 'react-admin';
import { useNotifyError } from '../hooks/useNotifyError';
import { PageHeader } from '../layout/PageHeader';
import { FormButtons } from './FormButtons';

interface EditProps {
  title: (record: RaRecord) => string;
  /** Returns what is sent, from the record in the form and the record that was read. */
  patch: (data: RaRecord, before: RaRecord) => Record<string, unknown>;
  /** Returns the record as the form edits it. */
  flat?: (record: RaRecord) => RaRecord;
  children: ReactNode;
}

/** The page with the form for one record. */
export function EditPage({ patch, ...view }: EditProps) {
  const notifyError = useNotifyError();
  const refresh = useRefresh();
  const failed = (error: unknown) => {
    notifyError(error);
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
