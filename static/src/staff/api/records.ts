/** The records of the lists, as the API tells them, each with the id by which react-admin knows it. */
import type { RaRecord } from 'react-admin';
import type { components } from '../../api/schema';

type Shapes = components['schemas'];

export type MemberRecord = Shapes['Member'] & RaRecord<string>;
export type AccountRecord = Shapes['AdminAccount'] & RaRecord<string>;
export type TypeRecord = Shapes['AccountType'] & RaRecord<string>;
export type TransferRecord = Shapes['Transfer'] & RaRecord<string>;
export type ScheduleRecord = Shapes['AdminSchedule'] & RaRecord<string>;
export type TokenRecord = Shapes['Token'] & RaRecord<string>;
