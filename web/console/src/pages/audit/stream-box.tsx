import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../../api.ts';
import { type AuditStream, removeStream, saveStream, streamQuery } from '../../data/audit.ts';
import { Button } from '../../parts/button.tsx';
import { RowsSkeleton } from '../../parts/empty.tsx';
import { Facts } from '../../parts/facts.tsx';
import { ActFailure, Failure, fieldError } from '../../parts/failure.tsx';
import { Choice, TextArea, TextField } from '../../parts/field.tsx';
import { Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { auditPages as words } from '../../text/audit.ts';

const FORMATS = ['rfc5424', 'cef', 'ocsf'] as const;

/** The syslog receiver that the log is streamed to, and how far it has got. */
export function StreamBox() {
  const stream = useQuery({
    ...streamQuery,
    // Where there is no stream nothing moves.
    refetchInterval: ({ state }) => (state.status === 'success' ? 15_000 : false),
  });
  const none = stream.error instanceof ApiProblem && stream.error.status === 404;
  return (
    <Section title={words.stream}>
      <p className="prose-width text-ink-2">{words.streamLead}</p>
      {stream.isPending && <RowsSkeleton rows={2} label={words.loading} />}
      {stream.isError && !none && <Failure error={stream.error} retry={() => void stream.refetch()} />}
      {none && <p>{words.noStream}</p>}
      {stream.data && !none && <Now stream={stream.data} />}
      {(stream.data || none) && <StreamForm given={none ? undefined : stream.data} />}
    </Section>
  );
}

function Now({ stream }: { stream: AuditStream }) {
  return (
    <Facts
      facts={[
        [words.host, `${stream.host}, ${stream.port}, ${words.streamFormats[stream.format]}`],
        [words.waitingToSend, words.lag(stream.waiting)],
        [words.lastSent, stream.lastSentAt && <When key="sent" time={stream.lastSentAt} />],
        [
          words.lastError,
          stream.lastError && stream.lastErrorAt && (
            <span key="error" className="text-failed">
              {stream.lastError}, <When time={stream.lastErrorAt} />
            </span>
          ),
        ],
      ]}
    />
  );
}

function StreamForm({ given }: { given: AuditStream | undefined }) {
  const [form, setForm] = useState({
    host: given?.host ?? '',
    port: String(given?.port ?? 6514),
    format: given?.format ?? ('rfc5424' as AuditStream['format']),
    authorities: '',
    clientCertificate: '',
    clientKey: '',
  });
  const client = useQueryClient();
  const again = { onSuccess: () => client.resetQueries({ queryKey: streamQuery.queryKey }) };
  const orNone = (text: string) => (text.trim() === '' ? null : text);
  const save = useMutation({
    mutationFn: () =>
      saveStream({
        ...{ host: form.host.trim(), port: Number(form.port), format: form.format },
        authorities: orNone(form.authorities),
        clientCertificate: orNone(form.clientCertificate),
        clientKey: orNone(form.clientKey),
      }),
    ...again,
  });
  const stop = useMutation({ mutationFn: removeStream, ...again });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-4" autoComplete="off">
      <div className="grid items-end gap-4 md:grid-cols-3">
        <TextField
          label={words.host}
          required
          maxLength={253}
          autoCapitalize="none"
          spellCheck={false}
          value={form.host}
          error={fieldError(save.error, 'host')}
          onChange={(event) => setForm({ ...form, host: event.target.value })}
        />
        <TextField
          label={words.port}
          required
          inputMode="numeric"
          pattern="[0-9]{1,5}"
          value={form.port}
          error={fieldError(save.error, 'port')}
          onChange={(event) => setForm({ ...form, port: event.target.value })}
        />
        <Choice
          label={words.format}
          value={form.format}
          choices={FORMATS.map((value) => ({ value, label: words.streamFormats[value] }))}
          onChange={(event) =>
            setForm({ ...form, format: FORMATS.find((one) => one === event.target.value) ?? 'rfc5424' })
          }
        />
        {(['authorities', 'clientCertificate', 'clientKey'] as const).map((name) => (
          <TextArea
            key={name}
            label={words[name]}
            hint={name === 'authorities' ? words.authoritiesHint : undefined}
            optional
            rows={3}
            spellCheck={false}
            value={form[name]}
            error={fieldError(save.error, name)}
            onChange={(event) => setForm({ ...form, [name]: event.target.value })}
          />
        ))}
      </div>
      <ActFailure error={save.error ?? stop.error} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" busy={save.isPending}>
          {words.save}
        </Button>
        {given && (
          <Button kind="danger" busy={stop.isPending} onClick={() => stop.mutate()}>
            {words.stop}
          </Button>
        )}
      </div>
    </form>
  );
}
