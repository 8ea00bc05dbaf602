import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowLeft, Download, Printer } from 'lucide-react';
import type { ProofDocument } from '../api-types.ts';
import { proofPath, proofQuery } from '../data/messages.ts';
import { Button, buttonClass } from '../parts/button.tsx';
import { DownloadLink } from '../parts/download-link.tsx';
import { RowsSkeleton } from '../parts/empty.tsx';
import { Code, Facts } from '../parts/facts.tsx';
import { Failure } from '../parts/failure.tsx';
import { Page, Section } from '../parts/page.tsx';
import { SealMark } from '../parts/seal-mark.tsx';
import { When } from '../parts/when.tsx';
import { decisions, reasonWords } from '../text/decisions.ts';
import { proofText as words } from '../text/message.ts';
import { tlsName } from './message/transport-line.ts';

const route = getRouteApi('/app/messages/$id/proof/$delivery');

/** A proof as a page that can be printed or downloaded. */
export function ProofPage() {
  const { id, delivery } = route.useParams();
  const proof = useQuery(proofQuery(delivery));
  return (
    <Page
      title={words.title}
      lead={words.lead}
      actions={
        proof.data && (
          <>
            <Button onClick={() => window.print()} icon={<Printer aria-hidden="true" className="size-4" />}>
              {words.print}
            </Button>
            <DownloadLink path={proofPath(delivery, 'report', 'hashed')} className={buttonClass()}>
              <Download aria-hidden="true" className="size-4" />
              {words.report}
            </DownloadLink>
            <DownloadLink path={proofPath(delivery, 'file', 'hashed')} className={buttonClass('primary')}>
              <Download aria-hidden="true" className="size-4" />
              {words.file}
            </DownloadLink>
          </>
        )
      }
    >
      <p className="no-print">
        <Link to="/messages/$id" params={{ id }} className="link inline-flex items-center gap-2">
          <ArrowLeft aria-hidden="true" className="size-4" />
          {words.back}
        </Link>
      </p>
      {proof.isPending && <RowsSkeleton label={words.loading} />}
      {proof.isError && <Failure error={proof.error} retry={() => void proof.refetch()} />}
      {proof.data && <ProofBody proof={proof.data} />}
      {proof.data && (
        <p className="no-print mt-5 flex flex-wrap items-center gap-x-5 gap-y-1">
          <span>{words.naming}</span>
          <DownloadLink path={proofPath(delivery, 'file', 'named')} className="link">
            {words.file}
          </DownloadLink>
          <DownloadLink path={proofPath(delivery, 'report', 'named')} className="link">
            {words.report}
          </DownloadLink>
          <span className="basis-full text-ink-2">{words.namingNote}</span>
        </p>
      )}
    </Page>
  );
}

function ProofBody({ proof }: { proof: ProofDocument }) {
  const { record } = proof;
  const { transport } = record;
  const verified =
    transport.authenticatedBy in decisions.authenticated
      ? decisions.authenticated[transport.authenticatedBy as keyof typeof decisions.authenticated]
      : transport.authenticatedBy;
  return (
    <>
      <Facts
        facts={[
          [words.method, <SealMark key="method" name={record.method} words />],
          [words.outcome, words.outcomes[record.outcome] ?? record.outcome],
          [words.at, <When key="at" time={record.at} as="long" />],
          [words.domain, record.recipientDomain],
          [words.server, transport.host ?? words.noTransport],
          [words.tls, transport.tlsVersion && `${tlsName(transport.tlsVersion)}, ${transport.cipher ?? ''}`],
          [words.verified, transport.host && verified],
          [
            words.certificate,
            transport.certificateFingerprint && <Code key="c">{transport.certificateFingerprint}</Code>,
          ],
          [words.recipient, <Code key="r">{record.recipientHash}</Code>],
          [words.content, <Code key="h">{record.contentHash}</Code>],
          [words.policy, record.policyVersion],
          [words.message, <Code key="m">{record.message}</Code>],
          [words.delivery, <Code key="d">{record.delivery}</Code>],
          [words.key, <Code key="k">{proof.keyId}</Code>],
          [words.signature, <Code key="s">{proof.signature}</Code>],
        ]}
      />
      <Section title={words.reasons}>
        <ol className="flex list-decimal flex-col gap-1 pl-5">
          {record.reasons.map((reason) => {
            const sentence = reasonWords(reason.code, reason.parameters);
            return <li key={sentence}>{sentence}</li>;
          })}
        </ol>
      </Section>
    </>
  );
}
