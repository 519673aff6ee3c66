export interface FieldProps {
  name: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
  /** What the service refused about it. */
  wrong?: string;
}
