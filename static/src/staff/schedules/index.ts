import EventRepeat from '@mui/icons-material/EventRepeatOutlined';
import { ScheduleList } from './ScheduleList';

export const schedules = { name: 'schedules', icon: EventRepeat, list: ScheduleList, recordRepresentation: 'id' };
