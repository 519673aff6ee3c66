import Box from '@mui/material/Box';
import Paper from '@mui/material/Paper';
import type { ReactNode } from 'react';
import { CreateBase, Form, type RaRecord, useResourceContext } from 'react-admin';
import { useNotifyError } from '../hooks/useNotifyError';
import { PageHeader } from '../layout/PageHeader';
import { FormButtons } from './FormButtons';

interface CreateProps {
  title: string;
  send: (data: RaRecord) => Record<string, unknown>;
  onMade?: (made: RaRecord) => void;
  children: ReactNode;
}

/** The page with the form for a new record. */
export function CreatePage({ title, send, onMade, children }: CreateProps) {
  const resource = useResourceContext() ?? '';
  const notifyError = useNotifyError();
  const options = { onError: notifyError, ...(onMade && { onSuccess: (made: RaRecord) => onMade(made) }) };
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
