import type { AttemptView, DeliveryDetail } from '../../api-types.ts';
import { Code, Facts } from '../../parts/facts.tsx';
import { SealMark } from '../../parts/seal-mark.tsx';
import { duration } from '../../parts/time.ts';
import { When } from '../../parts/when.tsx';
import { codeWords, decisions } from '../../text/decisions.ts';
import { messageText as words } from '../../text/message.ts';
import { replyText, tlsName } from './transport-line.ts';

/** What was tried, oldest first, with all that was seen of each connection. */
export function Attempts({ delivery }: { delivery: DeliveryDetail }) {
  return (
    <section>
      <h2 className="mb-1.5 font-semibold">{words.attempts}</h2>
      {delivery.attempts.length === 0 ? (
        <p className="text-ink-2">{delivery.portal ? words.noAttemptsPortal : words.noAttempts}</p>
      ) : (
        <ol className="flex flex-col gap-4">
          {delivery.attempts.map((attempt, index) => (
            <Attempt key={attempt.id} attempt={attempt} number={index + 1} />
          ))}
        </ol>
      )}
      {delivery.nextAttemptAt && (
        <p className="mt-2 text-held">
          {words.nextAttempt}: <When time={delivery.nextAttemptAt} as="long" />
        </p>
      )}
    </section>
  );
}

const RESULT_TONES: Readonly<Record<AttemptView['result'], string>> = {
  delivered: 'text-done',
  deferred: 'text-held',
  bounced: 'text-failed',
  'in-portal': 'text-done',
  'protection-unavailable': 'text-held',
};

function Attempt({ attempt, number }: { attempt: AttemptView; number: number }) {
  const parameters = { host: attempt.host ?? '' };
  return (
    <li className="border-l-2 border-line pl-3">
      <p className="mb-1.5 flex flex-wrap items-center gap-x-3">
        <span className="font-medium">{words.attempt(number)}</span>
        <SealMark name={attempt.method} words />
        <span className={RESULT_TONES[attempt.result]}>{decisions.results[attempt.result]}</span>
        <span className="text-ink-2">
          <When time={attempt.startedAt} as="long" />,{' '}
          {words.took(duration(attempt.startedAt, attempt.endedAt))}
        </span>
      </p>
      {attempt.code && (
        <p className="mb-1.5" title={attempt.code}>
          {codeWords(attempt.code, parameters)}
        </p>
      )}
      {attempt.result !== 'in-portal' && <Seen attempt={attempt} />}
    </li>
  );
}

/** What was seen of the connection. */
function Seen({ attempt }: { attempt: AttemptView }) {
  const { certificate, reply } = attempt;
  return (
    <Facts
      facts={[
        [words.server, attempt.host && `${attempt.host}${attempt.address ? ` (${attempt.address})` : ''}`],
        [words.tls, attempt.tlsVersion ? tlsName(attempt.tlsVersion) : words.noTls],
        [words.cipher, attempt.cipher],
        [words.certificate, certificate && <Certificate key="certificate" certificate={certificate} />],
        [words.verified, attempt.tlsVersion && decisions.authenticated[attempt.authenticatedBy]],
        [words.reply, reply && <Code key="reply">{replyText(reply)}</Code>],
        [words.code, attempt.code && <Code key="code">{attempt.code}</Code>],
      ]}
    />
  );
}

function Certificate({ certificate }: { certificate: NonNullable<AttemptView['certificate']> }) {
  return (
    <>
      {certificate.subject}
      {certificate.issuer && `, ${words.issuedBy} ${certificate.issuer}`}
      {certificate.notAfter && (
        <>
          , {words.validUntil} <When time={certificate.notAfter} />
        </>
      )}
      <span className="block text-ink-2" title={words.fingerprint}>
        <Code>{certificate.fingerprint}</Code>
      </span>
    </>
  );
}
