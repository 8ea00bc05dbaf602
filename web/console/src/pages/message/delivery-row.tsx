import { Link } from '@tanstack/react-router';
import { ChevronRight, Download, FileCheck2 } from 'lucide-react';
import { Fragment } from 'react';
import type { Decision, DeliveryDetail } from '../../api-types.ts';
import { proofPath } from '../../data/messages.ts';
import { DownloadLink } from '../../parts/download-link.tsx';
import { Facts } from '../../parts/facts.tsx';
import { SealMark } from '../../parts/seal-mark.tsx';
import { StateMark } from '../../parts/state-mark.tsx';
import { exactUtc } from '../../parts/time.ts';
import { When } from '../../parts/when.tsx';
import { reasonWords } from '../../text/decisions.ts';
import { messageText as words } from '../../text/message.ts';
import { Attempts } from './attempts.tsx';
import { PortalLock } from './portal-lock.tsx';
import { summarySentence } from './summary-sentence.ts';
import { transportLine } from './transport-line.ts';

/** One recipient's copy. The head says it all in a line; the details open below it. */
export function DeliveryRow(props: {
  message: string;
  delivery: DeliveryDetail;
  open: boolean;
  onToggle: () => void;
}) {
  const { delivery, open } = props;
  const details = `details-${delivery.id}`;
  const line = transportLine(delivery);
  return (
    <li className="border-b border-line" data-delivery={delivery.id} data-state={delivery.state}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={details}
        onClick={props.onToggle}
        className="flex w-full items-start gap-3 px-1 py-3 text-left hover:bg-paper-2 focus-visible:-outline-offset-2"
      >
        <ChevronRight
          aria-hidden="true"
          className={`mt-0.5 size-4 shrink-0 text-ink-2 motion-safe:transition-transform motion-safe:duration-100 ${open ? 'rotate-90' : ''}`}
        />
        <span className="mt-0.5">
          <SealMark name={delivery.method ?? 'undecided'} />
        </span>
        <span className="min-w-0 flex-1">
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <span className="font-medium [overflow-wrap:anywhere]">{delivery.to}</span>
            <StateMark state={delivery.state} />
          </span>
          <span className="mt-0.5 block" aria-live="polite">
            {summarySentence(delivery)}
          </span>
          {line !== '' && <span className="mt-0.5 block text-xs text-ink-2">{line}</span>}
        </span>
        {delivery.finishedAt && (
          <span className="hidden text-ink-2 md:block">
            <When time={delivery.finishedAt} />
          </span>
        )}
      </button>
      {open && (
        <div id={details} className="flex flex-col gap-5 pt-1 pb-5 pl-1 md:pl-11">
          <Why decision={delivery.decision} />
          <Attempts delivery={delivery} />
          <InPortal message={props.message} delivery={delivery} />
          <FollowUps delivery={delivery} />
          <ProofLink message={props.message} delivery={delivery} />
        </div>
      )}
    </li>
  );
}

function Why({ decision }: { decision: Decision | null }) {
  return (
    <section>
      <h2 className="mb-1.5 font-semibold">{words.decision}</h2>
      {decision ? (
        <>
          <ol className="mb-2.5 flex list-decimal flex-col gap-0.5 pl-5">
            {decision.reasons.map((reason) => {
              const sentence = reasonWords(reason.code, reason.parameters);
              return (
                <li key={`${reason.code} ${sentence}`} title={reason.code}>
                  {sentence}
                </li>
              );
            })}
          </ol>
          <Facts
            facts={[
              [words.decisionOrder, <Order key="order" decision={decision} />],
              [
                words.tlsWanted,
                words.tlsRequirement(decision.tls.minimum, decision.tls.authentication === 'verified'),
              ],
              [words.policy, words.policyVersion(decision.policyVersion)],
            ]}
          />
        </>
      ) : (
        <p className="text-ink-2">{words.noDecision}</p>
      )}
    </section>
  );
}

function Order({ decision }: { decision: Decision }) {
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      {decision.order.map((method, index) => (
        <Fragment key={method}>
          {index > 0 && (
            <span aria-hidden="true" className="text-ink-2">
              →
            </span>
          )}
          <SealMark name={method} words />
        </Fragment>
      ))}
    </span>
  );
}

function InPortal({ message, delivery }: { message: string; delivery: DeliveryDetail }) {
  const { portal } = delivery;
  if (!portal) return null;
  return (
    <section>
      <h2 className="mb-1.5 font-semibold">{words.portal}</h2>
      <PortalLock message={message} delivery={delivery} />
      <Facts
        facts={[
          [
            words.portalFirstRead,
            portal.firstReadAt ? <When key="read" time={portal.firstReadAt} as="long" /> : words.portalUnread,
          ],
          [words.portalExpires, <When key="expires" time={portal.expiresAt} as="long" />],
        ]}
      />
      {portal.acts.length > 0 && (
        <ul className="mt-2 flex flex-col gap-0.5">
          {portal.acts.map(({ act, at, by }) => (
            <li key={`${act} ${at}`} title={exactUtc(at)}>
              {words.portalActs[act]}
              {by === 'caregiver' && ` ${words.portalByCaregiver}`}, <When time={at} as="long" />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Texts, a notice to another address, letters: what was done beside the mail. */
function FollowUps({ delivery }: { delivery: DeliveryDetail }) {
  if (delivery.followUps.length === 0) return null;
  return (
    <section>
      <h2 className="mb-1.5 font-semibold">{words.followUps}</h2>
      <ul className="flex flex-col gap-0.5">
        {delivery.followUps.map(({ kind, code, at }) => (
          <li key={`${kind} ${at}`} title={code ?? exactUtc(at)}>
            {words.followUp[kind]}, <When time={at} as="long" />
          </li>
        ))}
      </ul>
    </section>
  );
}

function ProofLink({ message, delivery }: { message: string; delivery: DeliveryDetail }) {
  if (!delivery.hasProof) return <p className="text-ink-2">{words.proofNotYet}</p>;
  return (
    <p className="flex flex-wrap items-center gap-x-5 gap-y-1">
      <Link
        to="/messages/$id/proof/$delivery"
        params={{ id: message, delivery: delivery.id }}
        className="link inline-flex items-center gap-2"
      >
        <FileCheck2 aria-hidden="true" className="size-4" />
        {words.proofOpen}
      </Link>
      <DownloadLink
        path={proofPath(delivery.id, 'file', 'hashed')}
        className="link inline-flex items-center gap-2"
      >
        <Download aria-hidden="true" className="size-4" />
        {words.proofFile}
      </DownloadLink>
      <DownloadLink
        path={proofPath(delivery.id, 'report', 'hashed')}
        className="link inline-flex items-center gap-2"
      >
        <Download aria-hidden="true" className="size-4" />
        {words.proofReport}
      </DownloadLink>
    </p>
  );
}
