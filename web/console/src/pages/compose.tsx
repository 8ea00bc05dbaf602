import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Send } from 'lucide-react';
import { type FormEvent, useRef, useState } from 'react';
import type { SensitivityClass, Session, Stream } from '../api-types.ts';
import { DEMO_RECIPIENTS, SANDBOX_SENDER } from '../data/demo-message.ts';
import { sendMessage } from '../data/messages.ts';
import { useSession } from '../data/session.ts';
import { Button } from '../parts/button.tsx';
import { ActFailure, fieldError } from '../parts/failure.tsx';
import { Choice, TextArea, TextField } from '../parts/field.tsx';
import { Page } from '../parts/page.tsx';
import { common } from '../text/common.ts';
import { composeText as words } from '../text/compose.ts';
import { Attachments, MOST_OCTETS, octetsOf } from './compose/attachments.tsx';
import { readFile } from './compose/read-file.ts';
import { splitRecipients, wrongRecipient } from './compose/recipients.ts';

const CLASSES: readonly SensitivityClass[] = ['ordinary', 'light', 'high'];
const STREAMS: readonly Stream[] = ['transactional', 'business', 'marketing'];

export function ComposePage() {
  const session = useSession();
  return (
    <Page title={words.title} lead={words.lead}>
      {session && <ComposeForm session={session} />}
    </Page>
  );
}

function ComposeForm({ session }: { session: Session }) {
  const sandbox = session.mode === 'sandbox';
  const [from, setFrom] = useState(sandbox ? SANDBOX_SENDER : session.identity.address);
  const [to, setTo] = useState('');
  const [subject, setSubject] = useState('');
  const [text, setText] = useState('');
  const [files, setFiles] = useState<readonly File[]>([]);
  const [sensitivity, setSensitivity] = useState<SensitivityClass>('light');
  const [stream, setStream] = useState<Stream>('transactional');
  const [toError, setToError] = useState<string | undefined>();
  const key = useRef({ of: '', key: '' });
  const navigate = useNavigate();
  const send = useMutation({
    mutationFn: async () => {
      const attachments = await Promise.all(files.map(readFile));
      const message = {
        from,
        to: splitRecipients(to),
        subject,
        text,
        class: sensitivity,
        stream,
        attachments,
      };
      return sendMessage(message, keyFor(key.current, JSON.stringify(message)));
    },
    onSuccess: (accepted) => navigate({ to: '/messages/$id', params: { id: accepted.id } }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const addresses = splitRecipients(to);
    const wrong = wrongRecipient(addresses);
    const error = addresses.length === 0 ? words.toNone : wrong === null ? undefined : words.toWrong(wrong);
    setToError(error);
    if (error === undefined && octetsOf(files) <= MOST_OCTETS) send.mutate();
  };
  return (
    <form onSubmit={submit} noValidate={false} className="flex max-w-3xl flex-col gap-5">
      <ActFailure error={send.error} />
      <TextField
        label={words.from}
        type="email"
        autoComplete="off"
        required
        value={from}
        error={fieldError(send.error, 'from')}
        onChange={(event) => setFrom(event.target.value)}
      />
      <div className="flex flex-col gap-2">
        <TextArea
          label={words.to}
          hint={words.toHint}
          rows={3}
          required
          spellCheck={false}
          value={to}
          error={toError ?? fieldError(send.error, 'to')}
          onChange={(event) => setTo(event.target.value)}
        />
        {sandbox && (
          <Button
            className="self-start"
            onClick={() => setTo(splitRecipients(`${to} ${DEMO_RECIPIENTS.join(' ')}`).join('\n'))}
          >
            {words.sandboxPeople}
          </Button>
        )}
      </div>
      <TextField
        label={words.subject}
        hint={words.subjectHint}
        maxLength={900}
        value={subject}
        error={fieldError(send.error, 'subject')}
        onChange={(event) => setSubject(event.target.value)}
      />
      <TextArea
        label={words.text}
        rows={10}
        required
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Attachments files={files} onChange={setFiles} />
      <div className="grid gap-5 md:grid-cols-2">
        <Choice
          label={words.class}
          hint={words.classHints[sensitivity]}
          value={sensitivity}
          onChange={(event) => setSensitivity(CLASSES.find((one) => one === event.target.value) ?? 'light')}
          choices={CLASSES.map((value) => ({ value, label: common.class[value] }))}
        />
        <Choice
          label={words.stream}
          value={stream}
          className="mt-auto"
          onChange={(event) =>
            setStream(STREAMS.find((one) => one === event.target.value) ?? 'transactional')
          }
          choices={STREAMS.map((value) => ({ value, label: common.stream[value] }))}
        />
      </div>
      <Button
        type="submit"
        kind="primary"
        busy={send.isPending}
        icon={<Send aria-hidden="true" className="size-4" />}
        className="self-start"
      >
        {words.send}
      </Button>
    </form>
  );
}

/** The idempotency key stays while the message stays the same, so a repeated press after a lost answer sends once. */
function keyFor(kept: { of: string; key: string }, message: string): string {
  if (kept.of !== message) {
    kept.of = message;
    kept.key = crypto.randomUUID();
  }
  return kept.key;
}
