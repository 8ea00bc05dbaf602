import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { exportAddress, exportManifest } from '../../data/audit.ts';
import { Button, buttonClass } from '../../parts/button.tsx';
import { downloadText } from '../../parts/download.ts';
import { DownloadLink } from '../../parts/download-link.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { TextField } from '../../parts/field.tsx';
import { Section } from '../../parts/page.tsx';
import { auditPages as words } from '../../text/audit.ts';

/** A range of the log as a file, with the manifest by which it is checked. */
export function ExportBox() {
  const [from, setFrom] = useState('0');
  const [to, setTo] = useState('');
  const range = { from: Number(from), ...(to === '' ? {} : { to: Number(to) }) };
  const manifest = useMutation({
    mutationFn: () => exportManifest(range),
    onSuccess: (issued) => {
      // Without an end both would follow the log as it grows: the file then takes the manifest's.
      setTo(String(issued.to));
      downloadText(
        `sealpost-audit-${issued.from}-${issued.to}.json`,
        JSON.stringify(issued),
        'application/json',
      );
    },
  });
  return (
    <Section title={words.exportTitle}>
      <p className="prose-width text-ink-2">{words.exportLead}</p>
      <div className="grid items-end max-w-md grid-cols-2 gap-4">
        <TextField
          label={words.from}
          inputMode="numeric"
          pattern="[0-9]*"
          value={from}
          onChange={(event) => setFrom(event.target.value)}
        />
        <TextField
          label={words.to}
          hint={words.toHint}
          inputMode="numeric"
          pattern="[0-9]*"
          value={to}
          onChange={(event) => setTo(event.target.value)}
        />
      </div>
      <ActFailure error={manifest.error} />
      <div className="flex flex-wrap gap-2">
        <Button busy={manifest.isPending} onClick={() => manifest.mutate()}>
          {words.manifest}
        </Button>
        {(['csv', 'ocsf', 'cef'] as const).map((format) => (
          <DownloadLink key={format} path={exportAddress(format, { from, to })} className={buttonClass()}>
            {words.download}: {words.formats[format]}
          </DownloadLink>
        ))}
      </div>
    </Section>
  );
}
