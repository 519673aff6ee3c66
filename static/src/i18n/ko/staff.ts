import type { staff as english } from '../en/staff';
import type { Text } from '../translate';
import { actions } from './staff/actions';
import { audit } from './staff/audit';
import { counter } from './staff/counter';
import { engine } from './staff/engine';
import { pages } from './staff/pages';
import { problems } from './staff/problems';
import { resources } from './staff/resources';
import { values } from './staff/values';

export const staff: Record<keyof typeof english, Text> = {
  ...actions,
  ...audit,
  ...counter,
  ...engine,
  ...pages,
  ...problems,
  ...resources,
  ...values,
};
