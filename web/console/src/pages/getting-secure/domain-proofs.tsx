import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { DomainProof } from '../../api-types.ts';
import { checkDomainProof, domainProofsQuery, securityScoreQuery } from '../../data/security-score.ts';
import { useMay } from '../../data/session.ts';
import { Button } from '../../parts/button.tsx';
import { Code } from '../../parts/facts.tsx';
import { ActFailure } from '../../parts/failure.tsx';
import { Section } from '../../parts/page.tsx';
import { When } from '../../parts/when.tsx';
import { securityScoreText as words } from '../../text/security-score.ts';

/** Where the check of proved domains leads to. */
export const DOMAINS_ID = 'domains';

/** What to publish so that each sending domain is proved to be the organisation's own. */
export function DomainProofs({ sandbox }: { sandbox: boolean }) {
  const proofs = useQuery(domainProofsQuery);
  if (!proofs.data || proofs.data.items.length === 0) return null;
  return (
    <div id={DOMAINS_ID}>
      <Section title={words.domains}>
        <p className="prose-width text-ink-2">{sandbox ? words.sandboxDomains : words.domainsLead}</p>
        {!sandbox && (
          <ul className="border-t border-line">
            {proofs.data.items.map((one) => (
              <Domain key={one.domain} proof={one} />
            ))}
          </ul>
        )}
      </Section>
    </div>
  );
}

function Domain({ proof }: { proof: DomainProof }) {
  const may = useMay('organisation:write');
  const client = useQueryClient();
  const check = useMutation({
    mutationFn: () => checkDomainProof(proof.domain),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: domainProofsQuery.queryKey });
      await client.invalidateQueries({ queryKey: securityScoreQuery.queryKey });
    },
  });
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 border-b border-line py-3">
      <div className="min-w-0 flex-1 basis-72">
        <p className="font-medium [overflow-wrap:anywhere]">{proof.domain}</p>
        <dl>
          <dt className="sr-only">{words.record(proof.domain)}</dt>
          <dd>
            <Code>
              {proof.record.name} TXT "{proof.record.value}"
            </Code>
          </dd>
        </dl>
        <p className="text-ink-2" role="status">
          {proof.provedAt ? (
            <>
              {words.proved} <When time={proof.provedAt} />
            </>
          ) : proof.outcome === null ? (
            words.never
          ) : (
            words.outcomes[proof.outcome]
          )}
        </p>
        <ActFailure error={check.error} />
      </div>
      {may && (
        <Button busy={check.isPending} onClick={() => check.mutate()}>
          {words.checkNow}
        </Button>
      )}
    </li>
  );
}
