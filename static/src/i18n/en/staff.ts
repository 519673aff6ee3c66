/** Texts of the staff's part. */
import { actions } from './staff/actions';
import { audit } from './staff/audit';
import { counter } from './staff/counter';
import { engine } from './staff/engine';
import { pages } from './staff/pages';
import { problems } from './staff/problems';
import { resources } from './staff/resources';
import { values } from './staff/values';

export const staff = { ...actions, ...audit, ...counter, ...engine, ...pages, ...problems, ...resources, ...values };
