import { TextField } from '../../parts/field.tsx';

/** A field for one file. */
export function FileField(props: {
  label: string;
  hint: string;
  accept: string;
  onFile: (file: File | null) => void;
}) {
  return (
    <TextField
      type="file"
      label={props.label}
      hint={props.hint}
      accept={props.accept}
      required
      onChange={(event) => props.onFile(event.target.files?.[0] ?? null)}
    />
  );
}
